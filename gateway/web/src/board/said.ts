/** What a person has just done, and what the server will not do, in words. */
import type { Problem } from "../api/types";
import { t } from "../i18n/index.svelte";
import type { Changes, Operation } from "./operations";
import type { Confirmed } from "./state";

/** What was done, for the toast that offers to take it back; null for what speaks for itself. */
export function said(op: Operation, board: Confirmed): string | null {
  switch (op.kind) {
    case "edit-task":
      return t(editKey(op.changes), { title: op.changes.title ?? op.base.title });
    case "move-task": {
      const list = board.lists.get(op.list)?.name ?? "";
      return list && op.list !== op.base.list ? t("taskMoved", { title: op.base.title, list }) : null;
    }
    case "archive-task":
      return t("taskArchived", { title: op.base.title });
    case "unarchive-task":
    case "restore-task":
      return t("taskRestored", { title: op.base.title });
    case "delete-task":
      return t("taskDeleted", { title: op.base.title });
    case "change-many":
      return t(op.fields.is_deleted ? "manyDeleted" : op.fields.is_archived ? "manyArchived" : "manyChanged", { count: op.tasks.length });
    case "edit-list":
      return t("listChanged", { name: op.changes.name ?? op.base.name });
    case "move-list":
      return t("listMoved", { name: op.base.name });
    case "delete-list":
      return t("listDeleted", { name: op.base.name });
    case "restore-list":
      return t("listRestored", { name: op.base.name });
    default:
      return null;
  }
}

function editKey(changes: Changes): "taskDone" | "taskReopened" | "taskChanged" {
  if (Object.keys(changes).length > 1 || changes.is_done === undefined) return "taskChanged";
  return changes.is_done ? "taskDone" : "taskReopened";
}

/** Why the server refused.. */
export function refusalOf(op: Operation, problem: Problem, board: Confirmed): string {
  if (op.kind === "undo" && problem.status === 409 && problem.field === "version") return t("undoDisturbed");
  if (op.kind === "undo" && problem.status === 409 && problem.field === undefined) return t("undoNothing");
  const list = board.lists.get(target(op) ?? 0);
  if (problem.status === 409 && problem.field === "list" && list?.wip_limit) {
    return t("listFull", { list: list.name, count: list.wip_limit });
  }
  return problem.detail;
}

/** The list in which an operation wants room. */
function target(op: Operation): number | undefined {
  switch (op.kind) {
    case "create-task":
      return op.task.list;
    case "edit-task":
      return op.changes.list ?? op.base.list;
    case "move-task":
      return op.list;
    case "unarchive-task":
    case "restore-task":
      return op.base.list;
    case "change-many":
      return op.fields.list;
    default:
      return undefined;
  }
}
