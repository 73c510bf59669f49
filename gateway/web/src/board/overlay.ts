/** Lays one pending operation over the columns, whose arrays are the view's own and are changed in place. */
import type { Task, TaskFields, TaskList } from "../api/types";
import { has, insert, insertByRank, newer, putBack, take, type Taken } from "./cards";
import { stepped } from "./checklist";
import type { BulkOperation, ListOperation, Operation, TaskOperation } from "./operations";
import type { Pending } from "./pending";
import { byRank, type Column } from "./view";

export function overlay(columns: Column[], pending: Pending): Column[] {
  const waiting = pending.state === "waiting";
  if (pending.op.kind === "change-many") overlayMany(columns, pending.op, pending, waiting);
  else if (isTaskOperation(pending.op)) overlayTask(columns, pending.op, pending, waiting);
  else if (pending.op.kind !== "undo") overlayList(columns, pending.op, pending, waiting);
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
      if (!pending.met && !has(columns, task.id)) insert(columns, { task, waiting }, null);
      return;
    }
    case "move-task": {
      const taken = take(columns, op.base.id);
      if (!taken) return;
      const task = newer(taken.card.task, answer) ?? { ...taken.card.task, list: op.list };
      insert(columns, { task, waiting: waiting || taken.card.waiting }, op.before);
      return;
    }
    case "archive-task":
    case "delete-task":
      take(columns, op.base.id);
      return;
    case "unarchive-task":
    case "restore-task":
      if (!has(columns, op.base.id)) insertByRank(columns, { task: answer ?? op.base, waiting });
      return;
    case "adopt-task":
      return replace(columns, op.task.id, waiting, (task) => newer(task, op.task) ?? task);
    default:
      replace(columns, op.base.id, waiting, (task) => newer(task, answer) ?? changed(task, op));
  }
}

type Change = Extract<TaskOperation, { kind: "edit-task" | "checklist-task" | "watch-task" }>;

function changed(task: Task, op: Change): Task {
  switch (op.kind) {
    case "edit-task":
      return { ...task, ...op.changes };
    case "checklist-task":
      return { ...task, checklist: stepped(task.checklist, op.step) };
    case "watch-task": {
      const others = task.watchers.filter((user) => user !== op.by);
      return { ...task, watchers: op.watch ? [...others, op.by] : others };
    }
  }
}

function replace(columns: Column[], id: number, waiting: boolean, by: (task: Task) => Task): void {
  const taken = take(columns, id);
  if (taken) putBack(columns, taken, by(taken.card.task), waiting);
}

function overlayMany(columns: Column[], op: BulkOperation, pending: Pending, waiting: boolean): void {
  const answers = new Map((pending.answer as Task[] | undefined)?.map((task) => [task.id, task]));
  for (const { id } of op.tasks) {
    const taken = take(columns, id);
    if (taken && !op.fields.is_deleted && !op.fields.is_archived) {
      const task = newer(taken.card.task, answers.get(id)) ?? withFields(taken.card.task, op.fields);
      place(columns, taken, task, waiting);
    }
  }
}

/** What many are moved to, they are put at the end of. */
function place(columns: Column[], taken: Taken, task: Task, waiting: boolean): void {
  if (task.list === taken.list) putBack(columns, taken, task, waiting);
  else insert(columns, { task, waiting: waiting || taken.card.waiting }, null);
}

/** What a change of many makes of one of them. */
export function withFields(task: Task, fields: TaskFields): Task {
  const { add_labels = [], remove_labels = [], is_archived: _, is_deleted: __, ...rest } = fields;
  const labels = [...new Set([...task.labels, ...add_labels])].filter((label) => !remove_labels.includes(label));
  return { ...task, ...rest, labels: labels.sort((a, b) => a - b) };
}

function overlayList(columns: Column[], op: ListOperation, pending: Pending, waiting: boolean): void {
  const answer = pending.answer as TaskList | undefined;
  const id = op.kind === "create-list" ? (answer ?? op.list).id : op.base.id;
  const at = columns.findIndex((column) => column.list.id === id);
  const column = columns[at];
  if (op.kind === "create-list") {
    if (!pending.met && !column) columns.push({ list: answer ?? op.list, waiting, cards: [] });
  } else if (op.kind === "restore-list") {
    const after = columns.find((other) => byRank(other.list, op.base) > 0);
    if (!column) insertColumn(columns, { list: answer ?? op.base, waiting, cards: [] }, after?.list.id ?? null);
  } else if (!column) {
    return;
  } else if (op.kind === "edit-list") {
    columns[at] = { ...column, waiting, list: newer(column.list, answer) ?? { ...column.list, ...op.changes } };
  } else {
    columns.splice(at, 1);
    if (op.kind === "move-list") insertColumn(columns, { ...column, waiting }, op.before);
  }
}

function insertColumn(columns: Column[], column: Column, before: number | null): void {
  const at = columns.findIndex((other) => other.list.id === before);
  columns.splice(at < 0 ? columns.length : at, 0, column);
}
