/** Deadlines in the browser's zone. */

export type Urgency = "overdue" | "today" | "soon" | "later";

const SOON_DAYS = 3;

export function urgency(dueAt: string, now: Date): Urgency {
  const due = new Date(dueAt);
  if (due <= now) return "overdue";
  const days = daysBetween(now, due);
  if (days === 0) return "today";
  return days <= SOON_DAYS ? "soon" : "later";
}

/** Calendar days from one moment's day to the other's; a day of 23 or 25 hours is a day. */
export function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** An RFC 3339 moment as the value of a datetime-local field, to the minute. */
export function toField(dueAt: string | null): string {
  if (dueAt === null) return "";
  const date = new Date(dueAt);
  const pad = (part: number): string => String(part).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** The value of a datetime-local field as RFC 3339 in UTC; an empty or impossible one is no deadline. */
export function fromField(value: string): string | null {
  const date = new Date(value);
  return value === "" || Number.isNaN(date.getTime()) ? null : date.toISOString().replace(".000Z", "Z");
}
