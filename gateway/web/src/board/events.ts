/** What comes down `/ws/team/<id>/`: the team's events, and the frames about the stream itself. */
import type { Invite } from "../api/people";
import type { Comment, Label, Member, Task, TaskList } from "../api/types";

interface Step {
  seq: number;
  /** Null where nobody did it: time passed. */
  by: number | null;
}

/** What an event in a history has beside: when, what it belongs to, and what it takes back. */
export interface Dated {
  at: string;
  /** The `seq` of the first event of the same command. */
  change: number;
  /** The `change` that this one takes back. */
  undoes: number | null;
}

const TASK = [
  ...(["task.created", "task.updated", "task.assigned", "task.moved", "task.completed", "task.reopened"] as const),
  ...(["task.archived", "task.unarchived", "task.restored", "task.deleted"] as const),
  ...(["checklist.changed", "watchers.changed", "task.overdue", "task.due_soon"] as const),
];
const COMMENT = ["comment.added", "comment.edited", "comment.deleted", "comment.restored"] as const;
const LIST = ["list.created", "list.updated", "list.moved", "list.deleted"] as const;
const LABEL = ["label.created", "label.updated", "label.deleted", "label.restored"] as const;
const MEMBER = ["member.added", "member.changed", "member.removed", "team.transferred"] as const;

/** `previous` is the assignee before `task.assigned`, the list before `task.moved`. */
export type TaskEvent = Step & { type: (typeof TASK)[number]; task: Task; previous?: number | null };
export type CommentEvent = Step & { type: (typeof COMMENT)[number]; task: Task; comment: Comment };
export type TasksReranked = Step & { type: "task.reranked"; list: number; ranks: [task: number, rank: number][] };
export type ListEvent = Step & { type: (typeof LIST)[number]; list: TaskList };
export type ListRestored = Step & { type: "list.restored"; list: TaskList; tasks: Task[] };
export type LabelEvent = Step & { type: (typeof LABEL)[number]; label: Label };
export type MemberEvent = Step & { type: (typeof MEMBER)[number]; member: Member };
export type InviteEvent = Step & { type: "invite.created" | "invite.revoked"; invite: Invite };
export type TeamAway = Step & { type: "team.deleted" | "team.restored" };
export type TeamNamed = Step & { type: "team.created" | "team.renamed"; name: string };
/** An event of a later server: this client only notes that it was there. */
export type UnknownEvent = Step & { type: "unknown" };

export type TeamEvent =
  | TaskEvent
  | CommentEvent
  | TasksReranked
  | ListEvent
  | ListRestored
  | LabelEvent
  | MemberEvent
  | InviteEvent
  | TeamAway
  | TeamNamed
  | UnknownEvent;
export type PastEvent = TeamEvent & Dated;

/** Somebody who has the board open; whoever is not active looks elsewhere. */
export interface Viewer {
  user: number;
  is_active: boolean;
}

/** Who has the board open, all of them, or some and so many `more`. */
export interface Viewers {
  viewers: Viewer[];
  more?: number;
}

export type Control =
  | ({ type: "viewers" } & Viewers)
  | { type: "ready"; seq: number }
  | { type: "recovered"; from: number; to: number }
  | { type: "reset" }
  | { type: "position"; seq: number };

const CONTROL = new Set(["ready", "recovered", "reset", "position", "viewers"]);
const OTHERS = ["task.reranked", "list.restored", "team.created", "team.renamed", "team.deleted", "team.restored", "invite.created", "invite.revoked"];
const EVENTS = new Set<string>([...TASK, ...COMMENT, ...LIST, ...LABEL, ...MEMBER, ...OTHERS]);

export function isControl(frame: TeamEvent | Control): frame is Control {
  return CONTROL.has(frame.type);
}

/** Read one frame; null for what is neither an event nor a control frame that we know. */
export function readFrame(text: string): TeamEvent | Control | null {
  const frame = parse(text);
  if (frame === null || typeof frame["type"] !== "string") return null;
  if (CONTROL.has(frame["type"])) return frame as unknown as Control;
  return typeof frame["seq"] === "number" ? known(frame as unknown as TeamEvent) : null;
}

/** An event as it is in a history; one of a later server keeps its place and no more. */
export function known<E extends TeamEvent>(event: E): E {
  return EVENTS.has(event.type) ? event : ({ ...event, type: "unknown" } as E);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
