/**
 * A card under the keyboard: Space lifts and drops, arrows move it or the focus, Enter opens, Escape puts it back.
 * X picks it out, Shift and an arrow pick out the next ones too.
 */
import { tick } from "svelte";
import type { Task } from "../api/types";
import type { Drag } from "./drag.svelte";
import type { Direction } from "./placement";
import type { Selection } from "./selection.svelte";

const ARROWS: Record<string, Direction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

/** `movable` is undefined while the card may neither be lifted nor picked out. */
export function onCardKey(
  event: KeyboardEvent,
  { drag, selection }: { drag: Drag; selection: Selection },
  movable: Task | undefined,
  open: () => void,
): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = ARROWS[event.key];
  const card = event.currentTarget as HTMLElement;
  if (event.key === " " && drag.task) drop(drag);
  else if (event.key === " " && movable) drag.lift(movable, null);
  else if (event.key === "Enter" && drag.task) drop(drag);
  else if (event.key === "Enter") open();
  else if (event.key === "Escape" && drag.task) drag.cancel();
  else if (direction && drag.task) step(drag, direction);
  else if (event.code === "KeyX" && movable && !drag.task) selection.toggle(movable.id);
  else if (direction && event.shiftKey && movable) reach(card, direction, movable, selection);
  else if (direction) walk(card, direction);
  else return;
  event.preventDefault();
}

function drop(drag: Drag): void {
  const id = drag.task?.id;
  drag.drop();
  void tick().then(() => focus(document.querySelector(`[data-task="${id}"]`)));
}

function step(drag: Drag, direction: Direction): void {
  drag.step(direction);
  void tick().then(() =>
    document.querySelector("[data-testid=drop-place]")?.scrollIntoView({ block: "nearest", inline: "nearest" }),
  );
}

/** Pick this card and the one that the focus goes to. */
function reach(card: HTMLElement, direction: Direction, task: Task, selection: Selection): void {
  if (!selection.has(task.id)) selection.toggle(task.id);
  walk(card, direction);
  const next = Number((document.activeElement as HTMLElement | null)?.dataset["task"]);
  if (next && next !== task.id) selection.reach(next);
}

function walk(card: HTMLElement, direction: Direction): void {
  const column = card.closest("[data-list]");
  const cards = [...(column?.querySelectorAll("[data-task]") ?? [])];
  const at = cards.indexOf(card);
  if (direction === "up" || direction === "down") return focus(cards[at + (direction === "up" ? -1 : 1)]);
  const columns = [...document.querySelectorAll("[data-list]")];
  const next = columns[columns.indexOf(column as Element) + (direction === "left" ? -1 : 1)];
  const there = [...(next?.querySelectorAll("[data-task]") ?? [])];
  focus(there[at] ?? there.at(-1));
}

function focus(element: Element | null | undefined): void {
  if (!(element instanceof HTMLElement)) return;
  element.focus();
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}
