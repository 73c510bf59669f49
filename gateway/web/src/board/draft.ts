/** A task as the fields of a form hold it. */
import type { Priority, Task } from "../api/types";
import { fromField, toField } from "./due";
import type { Changes } from "./operations";

export interface Draft {
  title: string;
  description: string;
  assignee: number | null;
  priority: Priority;
  labels: number[];
  start: string;
  due: string;
  list: number;
  is_done: boolean;
}

export function draftOf(task: Task): Draft {
  const { title, description, assignee, priority, list, is_done } = task;
  const [start, due] = [toField(task.start_at), toField(task.due_at)];
  return { title, description, assignee, priority, labels: [...task.labels], start, due, list, is_done };
}

/** What the form changes of the task it was opened with; a date that was not touched keeps its seconds. */
export function changesOf(draft: Draft, task: Task): Changes {
  const changes: Changes = {};
  const title = draft.title.replace(/\s+/g, " ").trim();
  const labels = [...draft.labels].sort((a, b) => a - b);
  if (title && title !== task.title) changes.title = title;
  if (draft.description !== task.description) changes.description = draft.description;
  if (draft.assignee !== task.assignee) changes.assignee = draft.assignee;
  if (draft.priority !== task.priority) changes.priority = draft.priority;
  if (labels.join() !== task.labels.join()) changes.labels = labels;
  if (draft.start !== toField(task.start_at)) changes.start_at = fromField(draft.start);
  if (draft.due !== toField(task.due_at)) changes.due_at = fromField(draft.due);
  if (draft.list !== task.list) changes.list = draft.list;
  if (draft.is_done !== task.is_done) changes.is_done = draft.is_done;
  return changes;
}
