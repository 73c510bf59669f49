/** Somebody has the address of a task that is not on the board: say where it is. */
import { call, Refused } from "../api/http";
import type { TaskView } from "../api/types";
import { t } from "../i18n/index.svelte";
import { toasts } from "../toasts.svelte";
import { inWords } from "../words";
import type { BoardStore } from "./store.svelte";

export async function lookFor(store: BoardStore, task: number): Promise<void> {
  try {
    const found = await call<TaskView>("GET", `/api/tasks/${task}/`);
    if (found.archived_at === null) return void toasts.show(t("taskElsewhere", { title: found.title }));
    const run = (): void => store.do({ kind: "unarchive-task", base: { ...found, archived_at: null } });
    const action = store.may("member") ? { action: { label: t("restore"), run } } : {};
    toasts.show(t("taskInArchive", { title: found.title }), action);
  } catch (error) {
    toasts.show(error instanceof Refused ? t("taskGone", { id: String(task) }) : inWords(error), { tone: "bad" });
  }
}
