/** What a person does on a board, in the board's own terms. */
import type { Task, TaskFields, TaskList } from "../api/types";
import type { ChecklistStep } from "./operations";
import type { BoardStore } from "./store.svelte";
import { isNew } from "./view";

let temporary = -1;

/** The id of a thing that the server has yet to number. */
export const newId = (): number => temporary--;

export function addTask(store: BoardStore, list: number, title: string): void {
  const now = new Date().toISOString();
  const task: Task = {
    id: newId(),
    team: store.confirmed.team.id,
    list,
    title,
    description: "",
    assignee: null,
    priority: "none",
    labels: [],
    checklist: [],
    watchers: [],
    comments: 0,
    start_at: null,
    due_at: null,
    is_done: false,
    done_at: null,
    rank: 0,
    version: 0,
    created_by: store.me.id,
    created_at: now,
    updated_at: now,
    archived_at: null,
    deleted_at: null,
  };
  store.do({ kind: "create-task", task });
}

export function toggleDone(store: BoardStore, task: Task): void {
  store.do({ kind: "edit-task", base: task, changes: { is_done: !task.is_done } });
}

export function stepChecklist(store: BoardStore, task: Task, step: ChecklistStep): void {
  store.do({ kind: "checklist-task", base: task, step });
}

export function watch(store: BoardStore, task: Task, wanted: boolean): void {
  store.do({ kind: "watch-task", base: task, by: store.me.id, watch: wanted });
}

export function changeMany(store: BoardStore, tasks: Task[], fields: TaskFields): void {
  if (tasks.length > 0) store.do({ kind: "change-many", team: store.confirmed.team.id, tasks, fields });
}

export function addList(store: BoardStore, name: string): void {
  const team = store.confirmed.team.id;
  store.do({ kind: "create-list", list: { id: newId(), team, name, rank: 0, version: 0, wip_limit: null, deleted_at: null } });
}

/** Move a list by one place; `by` is -1 or 1. */
export function shiftList(store: BoardStore, moved: TaskList, by: -1 | 1): void {
  const lists = store.columns.map((one) => one.list).filter((list) => !isNew(list));
  const at = lists.findIndex((list) => list.id === moved.id);
  const before = lists[by < 0 ? at - 1 : at + 2];
  store.do({ kind: "move-list", base: moved, before: before?.id ?? null });
}
