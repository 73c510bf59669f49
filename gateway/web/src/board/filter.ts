/** Which tasks a person wants to see: on a board, where the cards are sifted here, and among all, where the server looks. */
import type { Priority, Task, TaskFilter } from "../api/types";
import type { Column } from "./view";

export const SHOWS = ["open", "done", "overdue", "watched"] as const;
export type Show = (typeof SHOWS)[number];

export interface Filter {
  words: string;
  mine: boolean;
  archived: boolean;
  team: number | null;
  assignee: number | null;
  label: number | null;
  priority: Priority | null;
  show: Show | null;
  /** Days as a date field holds them, both included; empty for no limit. */
  dueFrom: string;
  dueTo: string;
}

export const NO_FILTER: Readonly<Filter> = {
  words: "",
  mine: false,
  archived: false,
  team: null,
  assignee: null,
  label: null,
  priority: null,
  show: null,
  dueFrom: "",
  dueTo: "",
};

/** How many conditions a filter has, the words aside. */
export function conditions(filter: Filter): number {
  const { words: _, team: __, archived: ___, ...rest } = filter;
  return Object.values(rest).filter((value) => value !== null && value !== false && value !== "").length;
}

export function isFiltering(filter: Filter): boolean {
  return conditions(filter) > 0 || filter.words.trim() !== "";
}

export function filtered(columns: readonly Column[], filter: Filter, me: number, now: Date): readonly Column[] {
  if (!isFiltering(filter)) return columns;
  const passes = sieve(filter, me, now);
  return columns.map((column) => ({ ...column, cards: column.cards.filter((card) => passes(card.task)) }));
}

function sieve(filter: Filter, me: number, now: Date): (task: Task) => boolean {
  const words = filter.words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const { due_from, due_before } = span(filter);
  return (task) =>
    words.every((word) => says(task, word)) &&
    (!filter.mine || task.assignee === me) &&
    (filter.assignee === null || task.assignee === filter.assignee) &&
    (filter.label === null || task.labels.includes(filter.label)) &&
    (filter.priority === null || task.priority === filter.priority) &&
    (filter.show === null || isOf(task, filter.show, me, now)) &&
    (!due_from || (task.due_at !== null && new Date(task.due_at) >= new Date(due_from))) &&
    (!due_before || (task.due_at !== null && new Date(task.due_at) < new Date(due_before)));
}

function isOf(task: Task, show: Show, me: number, now: Date): boolean {
  switch (show) {
    case "open":
      return !task.is_done;
    case "done":
      return task.is_done;
    case "overdue":
      return !task.is_done && task.due_at !== null && new Date(task.due_at) <= now;
    case "watched":
      return task.watchers.includes(me);
  }
}

/** A word is in the title or the description, or is the number that people type to the bot. */
function says(task: Task, word: string): boolean {
  const text = `${task.title}\n${task.description}`.toLocaleLowerCase();
  return text.includes(word) || word === `#${task.id}`;
}

/** The days of a filter as moments; the last day is whole. */
function span({ dueFrom, dueTo }: Filter): Pick<TaskFilter, "due_from" | "due_before"> {
  return { ...(dueFrom && { due_from: midnight(dueFrom, 0) }), ...(dueTo && { due_before: midnight(dueTo, 1) }) };
}

function midnight(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** The day before a moment, or of it, as a date field holds it. */
function dayOf(moment: string | null | undefined, earlier: number): string {
  if (!moment) return "";
  const date = new Date(moment);
  date.setDate(date.getDate() - earlier);
  const pad = (part: number, size: number): string => String(part).padStart(size, "0");
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

/** The filter as the server keeps it. */
export function toServer(filter: Filter): TaskFilter {
  const { assignee, label, priority, team, mine, archived, show } = filter;
  const is_done = show === "open" || show === "done" ? show === "done" : null;
  return {
    ...{ assignee, label, priority, team, mine, archived, is_done },
    ...{ is_overdue: show === "overdue", watched: show === "watched", q: filter.words.trim(), ...span(filter) },
  };
}

export function fromServer(kept: TaskFilter): Filter {
  const { assignee = null, label = null, priority = null, team = null, mine = false, archived = false, q = "" } = kept;
  const days = { dueFrom: dayOf(kept.due_from, 0), dueTo: dayOf(kept.due_before, 1) };
  return { ...{ assignee, label, priority, team, mine, archived, words: q, show: showOf(kept) }, ...days };
}

/** Whether the two let the same tasks through. */
export function isSame(one: Filter, other: Filter): boolean {
  return JSON.stringify(toServer(one)) === JSON.stringify(toServer(other));
}

function showOf({ is_overdue, watched, is_done }: TaskFilter): Show | null {
  if (is_overdue) return "overdue";
  if (watched) return "watched";
  return typeof is_done === "boolean" ? (is_done ? "done" : "open") : null;
}

/** The parameters of `GET /api/tasks/`. */
export function toQuery(filter: Filter, me: number): URLSearchParams {
  const { team, label, priority, archived, q, due_from, due_before } = toServer(filter);
  const assignee = filter.mine ? me : filter.assignee;
  const given = { team, assignee, label, priority, archived, q, due_from, due_before, filter: filter.show };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value) query.set(name, String(value));
  return query;
}
