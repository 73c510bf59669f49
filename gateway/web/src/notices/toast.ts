/** The toast of a notice: what it says, where it leads, and what can be done at once. */
import type { Notice } from "../api/notices";
import { shortMoment, t } from "../i18n/index.svelte";
import { route } from "../route.svelte";
import { toasts, type Action } from "../toasts.svelte";
import { unsaved } from "../unsaved";
import { inWords } from "../words";
import { completeTask } from "./api";
import { inbox } from "./inbox.svelte";
import { later } from "./snooze";
import type { Told, TellingPorts } from "./telling";
import { isToDo, placeOfNotice } from "./words";

export function tellingPorts(visible: () => boolean, acknowledge: (notices: number[]) => void): TellingPorts {
  return {
    visible,
    show,
    isShown: toasts.isShown,
    close: toasts.dismiss,
    acknowledge,
    heading: (count) => t("newNotices", { count }),
    now: Date.now,
  };
}

function show(told: Told): number {
  const [notice] = told.notices;
  const open = (): void => inbox.open();
  if (told.count > 1) return toasts.show(told.text, { open, actions: [{ label: t("show"), run: open }] });
  if (!notice) return toasts.show(told.text);
  return toasts.show(told.text, { open: () => openNotice(notice), actions: isToDo(notice) ? actionsOf(notice) : [] });
}

/** Go where it leads, and count it as read. What is typed here and not saved stays: it then opens beside. */
export function openNotice(notice: Notice): void {
  void inbox.read([notice]);
  inbox.close();
  if (unsaved.any) window.open(placeOfNotice(notice), "_blank", "noopener");
  else route.go(placeOfNotice(notice));
}

const actionsOf = (notice: Notice): Action[] => [
  { label: t("done"), run: () => void done(notice) },
  { label: t("later_inAnHour"), run: () => void snooze(notice, later("inAnHour", new Date())) },
];

/** The task is done, and with it what was said of it. */
export async function done(notice: Notice): Promise<void> {
  if (notice.task === null) return;
  try {
    await completeTask(notice.task);
    toasts.show(t("taskDone", { title: notice.title ?? "" }));
    await inbox.read([notice]);
  } catch (error) {
    toasts.show(inWords(error), { tone: "bad" });
  }
}

export async function snooze(notice: Notice, until: Date): Promise<void> {
  const worked = await inbox.snooze(notice.id, until);
  const moment = shortMoment(until.toISOString());
  toasts.show(worked ? t("snoozed", { moment }) : inbox.problem, { tone: worked ? "plain" : "bad" });
}
