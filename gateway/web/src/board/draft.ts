/** A task as the fields of a form hold it. */
import type { Task } from "../api/types";
import { fromField, toField } from "./due";
import type { Changes } from "./operations";

export interface Draft {
  title: string;
  description: string;
  assignee: number | null;
  due: string;
  list: number;
  is_done: boolean;
}

export function draftOf(task: Task): Draft {
  const { title, description, assignee, list, is_done } = task;
  return { title, description, assignee, due: toField(task.due_at), list, is_done };
}

/** What the form changes of the task it was opened with; a deadline that was not touched keeps its seconds. */
export function changesOf(draft: Draft, task: Task): Changes {
  const changes: Changes = {};
  const title = draft.title.replace(/\s+/g, " ").trim();
  if (title && title !== task.title) changes.title = title;
  if (draft.description !== task.description) changes.description = draft.description;
  if (draft.assignee !== task.assignee) changes.assignee = draft.assignee;
  if (draft.due !== toField(task.due_at)) changes.due_at = fromField(draft.due);
  if (draft.list !== task.list) changes.list = draft.list;
  if (draft.is_done !== task.is_done) changes.is_done = draft.is_done;
  return changes;
}
