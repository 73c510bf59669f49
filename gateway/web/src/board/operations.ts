/** What a person can do to a board, and the request that asks the server for it. */
import type { Method } from "../api/http";
import type { ListChanges, ListPlace, NewList, NewTask, Task, TaskChanges, TaskList, TaskPlace } from "../api/types";

export type Changes = Partial<Pick<Task, "title" | "description" | "assignee" | "due_at" | "list" | "is_done">>;

export type Operation =
  | { kind: "create-task"; task: Task }
  | { kind: "edit-task"; base: Task; changes: Changes }
  | { kind: "move-task"; base: Task; list: number; before: number | null }
  | { kind: "delete-task"; base: Task }
  | { kind: "restore-task"; base: Task; before: number | null }
  | { kind: "create-list"; list: TaskList }
  | { kind: "rename-list"; base: TaskList; name: string }
  | { kind: "move-list"; base: TaskList; before: number | null }
  | { kind: "delete-list"; base: TaskList }
  | { kind: "restore-list"; base: TaskList; tasks: Task[]; before: number | null }
  /** Nothing to ask for: the server told us of a task ahead of its events. */
  | { kind: "adopt-task"; task: Task };

export interface Request {
  method: Method;
  path: string;
  body?: unknown;
}

/** The request of an operation. `version` is of what the person saw, so that a stale change is refused. */
export function requestOf(op: Exclude<Operation, { kind: "adopt-task" }>): Request {
  switch (op.kind) {
    case "create-task":
      return post("/api/tasks/", { title: op.task.title, list: op.task.list } satisfies NewTask);
    case "edit-task":
      return patch(task(op.base), { ...op.changes, version: op.base.version } satisfies TaskChanges);
    case "move-task":
      return post(`${task(op.base)}move/`, {
        list: op.list,
        before: op.before,
        version: op.base.version,
      } satisfies TaskPlace);
    case "delete-task":
      return { method: "DELETE", path: task(op.base) };
    case "restore-task":
      return post(`${task(op.base)}restore/`);
    case "create-list":
      return post("/api/lists/", { team: op.list.team, name: op.list.name } satisfies NewList);
    case "rename-list":
      return patch(list(op.base), { name: op.name, version: op.base.version } satisfies ListChanges);
    case "move-list":
      return post(`${list(op.base)}move/`, { before: op.before, version: op.base.version } satisfies ListPlace);
    case "delete-list":
      return { method: "DELETE", path: list(op.base) };
    case "restore-list":
      return post(`${list(op.base)}restore/`);
  }
}

const post = (path: string, body?: unknown): Request => ({ method: "POST", path, body });
const patch = (path: string, body: unknown): Request => ({ method: "PATCH", path, body });
const task = (base: Task): string => `/api/tasks/${base.id}/`;
const list = (base: TaskList): string => `/api/lists/${base.id}/`;

/** Operations that share a lane are sent one after another, in the order in which the person did them. */
export function lanes(op: Operation): string[] {
  switch (op.kind) {
    case "create-task":
      return [`new task in ${op.task.list}`];
    case "create-list":
      return ["new list"];
    case "move-task":
      return [`task ${op.base.id}`, "task order"];
    case "edit-task":
    case "delete-task":
    case "restore-task":
      return [`task ${op.base.id}`];
    case "adopt-task":
      return [];
    default:
      return [`list ${op.base.id}`, "list order"];
  }
}

/** The same operation on a newer state of its subject. */
export function rebase(op: Operation, onto: Task | TaskList): Operation {
  return "base" in op && op.base.id === onto.id ? ({ ...op, base: onto } as Operation) : op;
}

/** Whether somebody else changed the very thing that this operation changes; if not, it may simply be asked again. */
export function collides(op: Operation, current: Task | TaskList): boolean {
  switch (op.kind) {
    case "edit-task": {
      const fields = Object.keys(op.changes) as (keyof Changes)[];
      return fields.some((field) => op.base[field] !== (current as Task)[field]);
    }
    case "move-task":
      return op.base.list !== (current as Task).list;
    case "rename-list":
      return op.base.name !== (current as TaskList).name;
    default:
      return false;
  }
}
