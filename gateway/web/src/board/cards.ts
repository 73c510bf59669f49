/** Taking cards out of columns and putting them in. The arrays are the view's own and are changed in place. */
import type { Task } from "../api/types";
import { byRank, type Card, type Column } from "./view";

export interface Taken {
  card: Card;
  list: number;
  index: number;
}

export const has = (columns: readonly Column[], task: number): boolean =>
  columns.some(({ cards }) => cards.some((card) => card.task.id === task));

export function take(columns: readonly Column[], task: number): Taken | undefined {
  for (const { list, cards } of columns) {
    const index = cards.findIndex((card) => card.task.id === task);
    const [card] = index >= 0 ? cards.splice(index, 1) : [];
    if (card) return { card, list: list.id, index };
  }
  return undefined;
}

/** Put a changed task where it stood, or, when it changed its list, where its rank puts it there. */
export function putBack(columns: readonly Column[], { card, list, index }: Taken, task: Task, waiting: boolean): void {
  const changed = { task, waiting: waiting || card.waiting };
  if (task.list !== list) insertByRank(columns, changed);
  else columns.find((column) => column.list.id === list)?.cards.splice(index, 0, changed);
}

export function insertByRank(columns: readonly Column[], card: Card): void {
  const cards = columns.find((column) => column.list.id === card.task.list)?.cards;
  const at = cards?.findIndex((other) => byRank(other.task, card.task) > 0) ?? -1;
  cards?.splice(at < 0 ? cards.length : at, 0, card);
}

export function insert(columns: readonly Column[], card: Card, before: number | null): void {
  const cards = columns.find((column) => column.list.id === card.task.list)?.cards;
  const at = cards?.findIndex((other) => other.task.id === before) ?? -1;
  cards?.splice(at < 0 ? cards.length : at, 0, card);
}

/** `second` when it is later than `first`. */
export function newer<T extends { version: number }>(first: T, second: T | undefined): T | undefined {
  return second && second.version > first.version ? second : undefined;
}
