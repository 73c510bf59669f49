/** The request that asks the server for an operation. */
import type { Method } from "../api/http";
import type * as api from "../api/types";
import type { ChecklistStep, Operation } from "./operations";

export interface Request {
  method: Method;
  path: string;
  body?: unknown;
}

/** `version` is of what the person saw, so that a stale change is refused. */
export function requestOf(op: Exclude<Operation, { kind: "adopt-task" }>): Request {
  switch (op.kind) {
    case "create-task":
      return post("/api/tasks/", { title: op.task.title, list: op.task.list } satisfies api.NewTask);
    case "edit-task":
      return patch(task(op.base), { ...op.changes, version: op.base.version } satisfies api.TaskChanges);
    case "move-task": {
      const { list, before, base } = op;
      return post(`${task(base)}move/`, { list, before, version: base.version } satisfies api.TaskPlace);
    }
    case "checklist-task":
      return checklist(`${task(op.base)}checklist/`, op.step);
    case "watch-task":
      return post(`${task(op.base)}${op.watch ? "watch" : "unwatch"}/`);
    case "archive-task":
      return post(`${task(op.base)}archive/`);
    case "unarchive-task":
      return post(`${task(op.base)}unarchive/`);
    case "delete-task":
      return remove(task(op.base));
    case "restore-task":
      return post(`${task(op.base)}restore/`);
    case "change-many": {
      const tasks = op.tasks.map((one) => one.id);
      return post("/api/tasks/bulk/", { team: op.team, tasks, fields: op.fields } satisfies api.ManyTasks);
    }
    case "create-list":
      return post("/api/lists/", { team: op.list.team, name: op.list.name } satisfies api.NewList);
    case "edit-list":
      return patch(list(op.base), { ...op.changes, version: op.base.version } satisfies api.ListChanges);
    case "move-list":
      return post(`${list(op.base)}move/`, { before: op.before, version: op.base.version } satisfies api.ListPlace);
    case "delete-list":
      return remove(list(op.base));
    case "restore-list":
      return post(`${list(op.base)}restore/`);
    case "undo":
      return post(`/api/teams/${op.team}/undo/`);
  }
}

function checklist(path: string, step: ChecklistStep): Request {
  switch (step.do) {
    case "add":
      return post(path, { text: step.text } satisfies api.NewItem);
    case "change":
      return patch(`${path}${step.item}/`, step.changes satisfies api.ItemChanges);
    case "move":
      return post(`${path}${step.item}/move/`, { before: step.before } satisfies api.ItemPlace);
    case "remove":
      return remove(`${path}${step.item}/`);
  }
}

const post = (path: string, body?: unknown): Request => ({ method: "POST", path, body });
const patch = (path: string, body: unknown): Request => ({ method: "PATCH", path, body });
const remove = (path: string): Request => ({ method: "DELETE", path });
const task = (base: api.Task): string => `/api/tasks/${base.id}/`;
const list = (base: api.TaskList): string => `/api/lists/${base.id}/`;
