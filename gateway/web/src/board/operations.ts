/** What a person can do to a board. `requests.ts` says how the server is asked for it. */
import type { ChecklistItem, Task, TaskFields, TaskList, Undone } from "../api/types";

export type Changes = Partial<
  Pick<Task, "title" | "description" | "assignee" | "priority" | "labels" | "start_at" | "due_at" | "list" | "is_done">
>;
export type ListEdit = Partial<Pick<TaskList, "name" | "wip_limit">>;

/** One change of a checklist; an item that the server has not numbered yet has a negative id. */
export type ChecklistStep =
  | { do: "add"; id: number; text: string }
  | { do: "change"; item: number; changes: Partial<Pick<ChecklistItem, "text" | "is_done">> }
  | { do: "move"; item: number; before: number | null }
  | { do: "remove"; item: number };

export type TaskOperation =
  | { kind: "create-task"; task: Task }
  | { kind: "edit-task"; base: Task; changes: Changes }
  | { kind: "move-task"; base: Task; list: number; before: number | null }
  | { kind: "checklist-task"; base: Task; step: ChecklistStep }
  | { kind: "watch-task"; base: Task; by: number; watch: boolean }
  | { kind: "archive-task"; base: Task }
  | { kind: "unarchive-task"; base: Task }
  | { kind: "delete-task"; base: Task }
  | { kind: "restore-task"; base: Task }
  /** Nothing to ask for: the server told us of a task ahead of its events. */
  | { kind: "adopt-task"; task: Task };
export type ListOperation =
  | { kind: "create-list"; list: TaskList }
  | { kind: "edit-list"; base: TaskList; changes: ListEdit }
  | { kind: "move-list"; base: TaskList; before: number | null }
  | { kind: "delete-list"; base: TaskList }
  | { kind: "restore-list"; base: TaskList };
/** Many tasks at once: all, or, when one is refused, none. */
export type BulkOperation = { kind: "change-many"; team: number; tasks: Task[]; fields: TaskFields };
/** Take back one's last change; what it was, the server knows. */
export type UndoOperation = { kind: "undo"; team: number };

export type Operation = TaskOperation | ListOperation | BulkOperation | UndoOperation;
/** What the server says to one; removing gets none. */
export type Answer = Task | TaskList | Task[] | Undone;

/** Shared with every other lane. */
export const ALL = "all";

/** Operations that share a lane are sent one after another, in the order in which the person did them. */
export function lanes(op: Operation): string[] {
  switch (op.kind) {
    case "undo":
      return [ALL];
    case "create-task":
      return [`new task in ${op.task.list}`];
    case "create-list":
      return ["new list"];
    case "change-many":
      return [...op.tasks.map((task) => `task ${task.id}`), "task order"];
    case "move-task":
      return [`task ${op.base.id}`, "task order"];
    case "adopt-task":
      return [];
    default:
      return op.kind.endsWith("-task") ? [`task ${op.base.id}`] : [`list ${op.base.id}`, "list order"];
  }
}

/** The same operation on a newer state of its subject. */
export function rebase(op: Operation, onto: Answer): Operation {
  if (Array.isArray(onto)) return onto.reduce(rebase, op);
  return "base" in op && "id" in onto && op.base.id === onto.id ? ({ ...op, base: onto } as Operation) : op;
}

/** Whether somebody else changed the very thing that this operation changes; if not, it may simply be asked again. */
export function collides(op: Operation, current: Task | TaskList): boolean {
  switch (op.kind) {
    case "edit-task":
      return differ(op.base, current as Task, op.changes);
    case "edit-list":
      return differ(op.base, current as TaskList, op.changes);
    case "move-task":
      return op.base.list !== (current as Task).list;
    default:
      return false;
  }
}

function differ<T extends Task | TaskList>(a: T, b: T, fields: Partial<T>): boolean {
  return (Object.keys(fields) as (keyof T)[]).some((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));
}
