/** What comes down `/ws/team/<id>/`: the team's events, and the frames about the stream itself. */
import type { Member, Task, TaskList } from "../api/types";

interface Step {
  seq: number;
  by: number;
}

export type TaskEvent = Step & { task: Task } & {
  type:
    | "task.created"
    | "task.updated"
    | "task.assigned"
    | "task.moved"
    | "task.completed"
    | "task.reopened"
    | "task.restored"
    | "task.deleted";
};
export type TasksReranked = Step & { type: "task.reranked"; list: number; ranks: [task: number, rank: number][] };
export type ListEvent = Step & { list: TaskList } & {
  type: "list.created" | "list.renamed" | "list.moved" | "list.deleted";
};
export type ListRestored = Step & { type: "list.restored"; list: TaskList; tasks: Task[] };
export type MemberEvent = Step & { type: "member.added" | "member.changed" | "member.removed"; member: Member };
export type TeamRenamed = Step & { type: "team.renamed"; name: string };
export type TeamCreated = Step & { type: "team.created"; name: string };
/** An event of a later server: this client only notes that it was there. */
export type UnknownEvent = Step & { type: "unknown" };

export type TeamEvent =
  | TaskEvent
  | TasksReranked
  | ListEvent
  | ListRestored
  | MemberEvent
  | TeamRenamed
  | TeamCreated
  | UnknownEvent;

export type Control =
  | { type: "ready"; seq: number }
  | { type: "recovered"; from: number; to: number }
  | { type: "reset" }
  | { type: "position"; seq: number };

const CONTROL = new Set(["ready", "recovered", "reset", "position"]);
const EVENTS = new Set([
  ...["created", "updated", "assigned", "moved", "completed", "reopened", "restored", "deleted", "reranked"].map(
    (past) => `task.${past}`,
  ),
  ...["created", "renamed", "moved", "deleted", "restored"].map((past) => `list.${past}`),
  ...["added", "changed", "removed"].map((past) => `member.${past}`),
  ...["team.created", "team.renamed"],
]);

export function isControl(frame: TeamEvent | Control): frame is Control {
  return CONTROL.has(frame.type);
}

/** Read one frame; null for what is neither an event nor a control frame that we know. */
export function readFrame(text: string): TeamEvent | Control | null {
  const frame = parse(text);
  if (frame === null || typeof frame["type"] !== "string") return null;
  if (CONTROL.has(frame["type"])) return frame as unknown as Control;
  if (typeof frame["seq"] !== "number") return null;
  if (EVENTS.has(frame["type"])) return frame as unknown as TeamEvent;
  return { type: "unknown", seq: frame["seq"], by: 0 };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
