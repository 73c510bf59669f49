/** What happened, in words: the events of one change become the lines of one entry. */
import type { Task } from "../api/types";
import { shortMoment, t, type Key } from "../i18n/index.svelte";
import type { PastEvent, TaskEvent } from "./events";
import type { Confirmed } from "./state";

export interface Entry {
  seq: number;
  /** Null where nobody did it. */
  by: number | null;
  at: string;
  /** It took something back. */
  undoes: boolean;
  lines: string[];
  /** So many lines more than are worth showing. */
  more: number;
  /** The task that all of it is about. */
  task: number | null;
}

type Names = Pick<Confirmed, "members" | "lists" | "labels">;

const LINES = 4;
const SILENT = new Set(["task.reranked", "watchers.changed", "task.due_soon", "unknown"]);

/** The entries of events, newest first as they come. */
export function entriesOf(events: readonly PastEvent[], names: Names): Entry[] {
  const before = predecessors(events);
  const groups = new Map<number, PastEvent[]>();
  for (const event of events) {
    if (SILENT.has(event.type)) continue;
    groups.set(event.change, [...(groups.get(event.change) ?? []), event]);
  }
  return [...groups.values()].map((group) => entryOf(group.reverse(), before, names));
}

function entryOf(group: PastEvent[], before: ReadonlyMap<number, Task>, names: Names): Entry {
  const [first] = group as [PastEvent, ...PastEvent[]];
  const lines = [...new Set(group.flatMap((event) => lineOf(event, before.get(event.seq), names)))];
  const tasks = new Set(group.map((event) => ("task" in event ? event.task.id : null)));
  return {
    ...{ seq: first.seq, by: first.by, at: first.at, undoes: first.undoes !== null },
    ...{ lines: lines.slice(0, LINES), more: Math.max(lines.length - LINES, 0) },
    task: tasks.size === 1 ? ([...tasks][0] ?? null) : null,
  };
}

/** The task of each event as it was before, where the event before is among them. */
function predecessors(events: readonly PastEvent[]): Map<number, Task> {
  const found = new Map<number, Task>();
  const last = new Map<number, Task>();
  for (const event of [...events].reverse()) {
    if (!("task" in event)) continue;
    const was = last.get(event.task.id);
    if (was) found.set(event.seq, was);
    last.set(event.task.id, event.task);
  }
  return found;
}

function lineOf(event: PastEvent, was: Task | undefined, names: Names): string[] {
  const listName = (id: number | null | undefined): string => names.lists.get(id ?? 0)?.name ?? t("someList");
  switch (event.type) {
    case "task.created":
      return [t("did_task.created", { title: event.task.title, list: listName(event.task.list) })];
    case "task.updated":
      return updated(event.task, was, names);
    case "task.assigned":
      return [assigned(event, names)];
    case "task.moved": {
      const { title, list } = event.task;
      if (event.previous === list) return [t("did_task.reordered", { title, list: listName(list) })];
      return [t("did_task.moved", { title, from: listName(event.previous), to: listName(list) })];
    }
    case "checklist.changed":
      return checklist(event.task, was);
    case "comment.added":
    case "comment.edited":
    case "comment.deleted":
    case "comment.restored":
    case "task.completed":
    case "task.reopened":
    case "task.archived":
    case "task.unarchived":
    case "task.deleted":
    case "task.restored":
    case "task.overdue":
      return [t(`did_${event.type}`, { title: event.task.title })];
    case "list.moved":
      return [t("did_list.moved")];
    case "list.created":
    case "list.updated":
    case "list.deleted":
    case "list.restored":
      return [t(`did_${event.type}`, { name: event.list.name })];
    case "label.created":
    case "label.updated":
    case "label.deleted":
    case "label.restored":
      return [t(`did_${event.type}`, { name: event.label.name })];
    case "member.added":
    case "member.changed":
    case "member.removed":
    case "team.transferred":
      return [t(`did_${event.type}`, { name: event.member.name, role: t(`role_${event.member.role}`) })];
    case "invite.created":
    case "invite.revoked":
      return [t(`did_${event.type}`, { role: t(`role_${event.invite.role}`) })];
    case "team.deleted":
    case "team.restored":
      return [t(`did_${event.type}`)];
    case "team.created":
    case "team.renamed":
      return [t(`did_${event.type}`, { name: event.name })];
    default:
      return [];
  }
}

function assigned(event: TaskEvent, names: Names): string {
  const { title, assignee } = event.task;
  const name = names.members.get(assignee ?? 0)?.name;
  if (assignee === null) return t("did_task.unassigned", { title });
  return t("did_task.assigned", { title, name: name ?? t("somebody") });
}

/** An update says what is now; what it changed, the state before tells. */
function updated(task: Task, was: Task | undefined, names: Names): string[] {
  const { title } = task;
  if (!was) return [t("did_task.updated", { title })];
  const changed = (field: keyof Task): boolean => JSON.stringify(task[field]) !== JSON.stringify(was[field]);
  const labels = task.labels.map((id) => names.labels.get(id)?.name).filter(Boolean).join(", ");
  const moment = (key: Key, none: Key, at: string | null): string => (at ? t(key, { title, moment: shortMoment(at) }) : t(none, { title }));
  const lines = [
    changed("title") && t("did_title", { title, was: was.title }),
    changed("description") && t("did_description", { title }),
    changed("priority") && t("did_priority", { title, priority: t(`priority_${task.priority}`) }),
    changed("labels") && (labels ? t("did_labels", { title, labels }) : t("did_noLabels", { title })),
    changed("start_at") && moment("did_start", "did_noStart", task.start_at),
    changed("due_at") && moment("did_due", "did_noDue", task.due_at),
  ].filter((line) => line !== false);
  return lines.length > 0 ? lines : [t("did_task.updated", { title })];
}

function checklist(task: Task, was: Task | undefined): string[] {
  const { title } = task;
  const before = new Map(was?.checklist.map((item) => [item.id, item]));
  const added = task.checklist.filter((item) => !before.has(item.id));
  const ticked = task.checklist.filter((item) => item.is_done && before.get(item.id)?.is_done === false);
  if (!was) return [t("did_checklist.changed", { title })];
  if (added[0]) return [t("did_item.added", { title, item: added[0].text })];
  if (ticked[0]) return [t("did_item.ticked", { title, item: ticked[0].text })];
  return [t("did_checklist.changed", { title })];
}
