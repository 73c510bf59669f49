/** A checklist after one step of somebody's. */
import type { ChecklistItem } from "../api/types";
import type { ChecklistStep } from "./operations";

export function stepped(items: readonly ChecklistItem[], step: ChecklistStep): ChecklistItem[] {
  switch (step.do) {
    case "add":
      return [...items, { id: step.id, text: step.text, is_done: false }];
    case "change":
      return items.map((item) => (item.id === step.item ? { ...item, ...step.changes } : item));
    case "remove":
      return items.filter((item) => item.id !== step.item);
    case "move": {
      const moved = items.filter((item) => item.id === step.item);
      const rest = items.filter((item) => item.id !== step.item);
      const at = rest.findIndex((item) => item.id === step.before);
      return at < 0 ? [...rest, ...moved] : [...rest.slice(0, at), ...moved, ...rest.slice(at)];
    }
  }
}

export function progress(items: readonly ChecklistItem[]): { done: number; of: number } {
  return { done: items.filter((item) => item.is_done).length, of: items.length };
}

/** Before which item one has to go to stand one place higher or lower; undefined where it cannot. */
export function beside(items: readonly ChecklistItem[], item: number, by: -1 | 1): number | null | undefined {
  const at = items.findIndex((one) => one.id === item);
  if (at < 0 || at + by < 0 || at + by >= items.length) return undefined;
  return (by < 0 ? items[at - 1] : items[at + 2])?.id ?? null;
}
