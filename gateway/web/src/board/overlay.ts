/** Lays one pending operation over the columns. The arrays are the view's own and are changed in place. */
import type { Task, TaskList } from "../api/types";
import type { Operation } from "./operations";
import type { Pending } from "./pending";
import { byRank, type Card, type Column } from "./view";

type TaskOperation = Extract<Operation, { kind: `${string}-task` }>;
type ListOperation = Extract<Operation, { kind: `${string}-list` }>;

export function overlay(columns: Column[], pending: Pending): Column[] {
  const waiting = pending.state === "waiting";
  if (isTaskOperation(pending.op)) overlayTask(columns, pending.op, pending, waiting);
  else overlayList(columns, pending.op, pending, waiting);
  return columns;
}

function isTaskOperation(op: Operation): op is TaskOperation {
  return op.kind.endsWith("-task");
}

function overlayTask(columns: Column[], op: TaskOperation, pending: Pending, waiting: boolean): void {
  const answer = pending.answer as Task | undefined;
  switch (op.kind) {
    case "create-task": {
      const task = answer ?? op.task;
      if (!pending.met && !columns.some((column) => has(column, task.id))) insert(columns, { task, waiting }, null);
      return;
    }
    case "edit-task": {
      const card = take(columns, op.base.id);
      if (card) putBack(columns, card, newer(card.card.task, answer) ?? { ...card.card.task, ...op.changes }, waiting);
      return;
    }
    case "move-task": {
      const card = take(columns, op.base.id);
      if (!card) return;
      const task = newer(card.card.task, answer) ?? { ...card.card.task, list: op.list };
      insert(columns, { task, waiting: waiting || card.card.waiting }, op.before);
      return;
    }
    case "delete-task":
      take(columns, op.base.id);
      return;
    case "restore-task":
      if (!columns.some((column) => has(column, op.base.id)))
        insert(columns, { task: answer ?? op.base, waiting }, op.before);
      return;
    case "adopt-task": {
      const card = take(columns, op.task.id);
      if (card) putBack(columns, card, newer(card.card.task, op.task) ?? card.card.task, false);
    }
  }
}

function overlayList(columns: Column[], op: ListOperation, pending: Pending, waiting: boolean): void {
  const answer = pending.answer as TaskList | undefined;
  const id = op.kind === "create-list" ? (answer ?? op.list).id : op.base.id;
  const at = columns.findIndex((column) => column.list.id === id);
  const column = columns[at];
  if (op.kind === "create-list") {
    if (!pending.met && !column) columns.push({ list: answer ?? op.list, waiting, cards: [] });
  } else if (op.kind === "restore-list") {
    const cards = op.tasks.map((task) => ({ task, waiting }));
    if (!column) insertColumn(columns, { list: answer ?? op.base, waiting, cards }, op.before);
  } else if (!column) {
    return;
  } else if (op.kind === "rename-list") {
    columns[at] = { ...column, waiting, list: newer(column.list, answer) ?? { ...column.list, name: op.name } };
  } else {
    columns.splice(at, 1);
    if (op.kind === "move-list") insertColumn(columns, { ...column, waiting }, op.before);
  }
}

/** `second` when it is later than `first`. */
function newer<T extends { version: number }>(first: T, second: T | undefined): T | undefined {
  return second && second.version > first.version ? second : undefined;
}

interface Taken {
  card: Card;
  list: number;
  index: number;
}

const has = (column: Column, task: number): boolean => column.cards.some((card) => card.task.id === task);

function take(columns: Column[], task: number): Taken | undefined {
  for (const { list, cards } of columns) {
    const index = cards.findIndex((card) => card.task.id === task);
    const [card] = index >= 0 ? cards.splice(index, 1) : [];
    if (card) return { card, list: list.id, index };
  }
  return undefined;
}

/** Put a changed task where it stood, or, when it changed its list, where its rank puts it there. */
function putBack(columns: Column[], { card, list, index }: Taken, task: Task, waiting: boolean): void {
  const cards = columns.find((column) => column.list.id === task.list)?.cards;
  const at = task.list === list ? index : (cards?.findIndex((other) => byRank(other.task, task) > 0) ?? -1);
  cards?.splice(at < 0 ? cards.length : at, 0, { task, waiting: waiting || card.waiting });
}

function insert(columns: Column[], card: Card, before: number | null): void {
  const cards = columns.find((column) => column.list.id === card.task.list)?.cards;
  const at = cards?.findIndex((other) => other.task.id === before) ?? -1;
  cards?.splice(at < 0 ? cards.length : at, 0, card);
}

function insertColumn(columns: Column[], column: Column, before: number | null): void {
  const at = columns.findIndex((other) => other.list.id === before);
  columns.splice(at < 0 ? columns.length : at, 0, column);
}
