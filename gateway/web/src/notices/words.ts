/** Notices in words: what happened, where it was told, and why there. */
import type { Attempt, Kind, Notice } from "../api/notices";
import { dayName, shortMoment, t, timeOf } from "../i18n/index.svelte";

/** Kinds after which there is something to be done. */
const TO_DO: ReadonlySet<Kind> = new Set(["assigned", "due_soon", "overdue"]);

/** Whether “done” is an answer to it. */
export const isToDo = (notice: Notice): boolean => notice.task !== null && TO_DO.has(notice.kind);

/** What happened, without what somebody wrote. */
export function saidOf(notice: Notice): string {
  const values = {
    by: notice.by_name ?? t("somebody"),
    title: notice.title ?? "—",
    team: notice.team_name,
    due: notice.due_at === null ? "—" : shortMoment(notice.due_at),
  };
  return t(`notice_${notice.kind}`, values);
}

/** Where it leads: to the task, or to the board. */
export const placeOfNotice = ({ team, task }: Notice): string => (task === null ? `/teams/${team}` : `/teams/${team}?task=${task}`);

/** One way on which it was told, and why on that: `Telegram: delivered 10:32 — last heartbeat 47 s ago`. */
export function attemptLine({ channel, state, reason, at, error }: Attempt, now: Date): string {
  const when = dayOf(new Date(at)) === dayOf(now) ? timeOf(at) : shortMoment(at);
  const line = `${t(`channel_${channel}`)}: ${t(`state_${state}`)} ${when}`;
  const why = [reason, error].filter(Boolean).join("; ");
  return why ? `${line} — ${why}` : line;
}

export interface Day {
  name: string;
  notices: Notice[];
}

/** The notices of each day, as they come. */
export function byDay(notices: readonly Notice[], now: Date): Day[] {
  const days: (Day & { day: number })[] = [];
  for (const notice of notices) {
    const day = dayOf(new Date(notice.at));
    const last = days.at(-1);
    if (last?.day === day) last.notices.push(notice);
    else days.push({ day, name: dayName(notice.at, day - dayOf(now), now), notices: [notice] });
  }
  return days;
}

/** The number of a day, where the person is. */
const dayOf = (moment: Date): number => Math.floor(Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate()) / 86_400_000);
