/** Where a lifted card would go, in terms of the cards that are shown. */
import { isNew, type Column } from "./view";

export interface Place {
  list: number;
  /** The card that it goes before; null for the end of the list. */
  before: number | null;
}

export type Direction = "up" | "down" | "left" | "right";

/** The cards that a lifted one can stand before: those of a list, without itself and without unsaved ones. */
function others(column: Column | undefined, task: number): number[] {
  return (column?.cards ?? []).map((card) => card.task.id).filter((id) => id !== task && id > 0);
}

/** Where a card stands now. */
export function home(columns: readonly Column[], task: number): Place | null {
  const column = columns.find(({ cards }) => cards.some((card) => card.task.id === task));
  if (!column) return null;
  const at = column.cards.findIndex((card) => card.task.id === task);
  const next = column.cards.slice(at + 1).find((card) => !isNew(card.task));
  return { list: column.list.id, before: next?.task.id ?? null };
}

export function isSame(a: Place | null, b: Place | null): boolean {
  return a?.list === b?.list && a?.before === b?.before;
}

/** Counted from 1, among the cards of the list with the lifted one in it. */
export function ordinal(columns: readonly Column[], task: number, place: Place): { place: number; of: number } {
  const ids = others(
    columns.find((column) => column.list.id === place.list),
    task,
  );
  const at = place.before === null ? -1 : ids.indexOf(place.before);
  return { place: (at < 0 ? ids.length : at) + 1, of: ids.length + 1 };
}

/** One key further; at an edge the card stays. */
export function step(columns: readonly Column[], task: number, from: Place, direction: Direction): Place {
  const at = columns.findIndex((column) => column.list.id === from.list);
  const index = ordinal(columns, task, from).place - 1;
  if (direction === "up" || direction === "down") {
    const ids = others(columns[at], task);
    const to = Math.min(Math.max(index + (direction === "up" ? -1 : 1), 0), ids.length);
    return { list: from.list, before: ids[to] ?? null };
  }
  const column = columns[at + (direction === "left" ? -1 : 1)];
  if (!column || isNew(column.list)) return from;
  return { list: column.list.id, before: others(column, task)[index] ?? null };
}
