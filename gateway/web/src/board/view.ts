/** The board as it is shown: columns of cards, made from the confirmed board and what is pending on top of it. */
import type { Task, TaskList } from "../api/types";
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

/** The task that stands right after this one, as the server knows them: what `before` must name to keep its place. */
export function nextOf(columns: readonly Column[], task: number): number | null {
  for (const { cards } of columns) {
    const at = cards.findIndex((card) => card.task.id === task);
    if (at >= 0) return cards.slice(at + 1).find((card) => !isNew(card.task))?.task.id ?? null;
  }
  return null;
}
