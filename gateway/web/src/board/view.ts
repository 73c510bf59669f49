/** The board as it is shown: columns of cards, made from the confirmed board and what is pending on top of it. */
import type { Label, Task, TaskList } from "../api/types";
import { overlay } from "./overlay";
import type { Pending } from "./pending";
import type { Confirmed } from "./state";

export interface Card {
  task: Task;
  /** A change of it waits for the line to come back. */
  waiting: boolean;
}

export interface Column {
  list: TaskList;
  waiting: boolean;
  cards: Card[];
}

/** A task or list that the server has not numbered yet has a negative id. */
export function isNew(thing: { id: number }): boolean {
  return thing.id < 0;
}

export function columnsOf(board: Confirmed, pending: readonly Pending[]): Column[] {
  const columns: Column[] = [...board.lists.values()]
    .sort(byRank)
    .map((list) => ({ list, waiting: false, cards: [] }));
  const cards = new Map(columns.map((column) => [column.list.id, column.cards]));
  for (const task of [...board.tasks.values()].sort(byRank)) cards.get(task.list)?.push({ task, waiting: false });
  return pending.reduce(overlay, columns);
}

/** The labels of the team, by name. */
export function labelsOf(board: Confirmed): Label[] {
  return [...board.labels.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id - b.id);
}

/** The labels that a task bears; it may name some that exist no longer. */
export function labelsOn(task: Task, labels: readonly Label[]): Label[] {
  return labels.filter((label) => task.labels.includes(label.id));
}

/** How many tasks of a list are open: those count against its limit. */
export function openTasks(column: Column): number {
  return column.cards.filter((card) => !card.task.is_done).length;
}

export function byRank(a: { rank: number; id: number }, b: { rank: number; id: number }): number {
  return a.rank - b.rank || a.id - b.id;
}

export function findCard(columns: readonly Column[], task: number): Card | undefined {
  for (const column of columns) {
    const card = column.cards.find((one) => one.task.id === task);
    if (card) return card;
  }
  return undefined;
}
