/** What a person does on a board, in the board's own terms. */
import type { Task, TaskList } from "../api/types";
import { t } from "../i18n/index.svelte";
import { toasts } from "../toasts.svelte";
import type { BoardStore } from "./store.svelte";
import { isNew, nextOf } from "./view";

let temporary = -1;

/** The id of a thing that the server has yet to number. */
const newId = (): number => temporary--;

export function addTask(store: BoardStore, list: number, title: string): void {
  const now = new Date().toISOString();
  const task: Task = {
    id: newId(),
    team: store.confirmed.team.id,
    list,
    title,
    description: "",
    assignee: null,
    due_at: null,
    is_done: false,
    done_at: null,
    rank: 0,
    version: 0,
    created_by: store.me.id,
    created_at: now,
    updated_at: now,
  };
  store.do({ kind: "create-task", task });
}

export function toggleDone(store: BoardStore, task: Task): void {
  store.do({ kind: "edit-task", base: task, changes: { is_done: !task.is_done } });
}

export function deleteTask(store: BoardStore, task: Task): void {
  const before = nextOf(store.columns, task.id);
  store.do({ kind: "delete-task", base: task });
  const run = (): void => store.do({ kind: "restore-task", base: task, before });
  toasts.show(t("taskDeleted", { title: task.title }), { action: { label: t("undo"), run } });
}

export function addList(store: BoardStore, name: string): void {
  const list = { id: newId(), team: store.confirmed.team.id, name, rank: 0, version: 0 };
  store.do({ kind: "create-list", list });
}

/** Move a list by one place; `by` is -1 or 1. */
export function shiftList(store: BoardStore, moved: TaskList, by: -1 | 1): void {
  const lists = store.columns.map((one) => one.list).filter((list) => !isNew(list));
  const at = lists.findIndex((list) => list.id === moved.id);
  const before = lists[by < 0 ? at - 1 : at + 2];
  store.do({ kind: "move-list", base: moved, before: before?.id ?? null });
}

export function deleteList(store: BoardStore, list: TaskList): void {
  const at = store.columns.findIndex((column) => column.list.id === list.id);
  const before = store.columns.slice(at + 1).find((column) => !isNew(column.list))?.list.id ?? null;
  const tasks = (store.columns[at]?.cards ?? []).map((card) => card.task).filter((task) => !isNew(task));
  store.do({ kind: "delete-list", base: list });
  const run = (): void => store.do({ kind: "restore-list", base: list, tasks, before });
  toasts.show(t("listDeleted", { name: list.name }), { action: { label: t("undo"), run } });
}
