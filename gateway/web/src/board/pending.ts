/**
 * The operations that the confirmed board does not show yet. Each leaves the list once: refused, or seen in the
 * confirmed board after its answer. Pure functions over an immutable list.
 */
import type { Task, TaskList } from "../api/types";
import type { TeamEvent } from "./events";
import { ALL, lanes, rebase, type Answer, type Operation, type TaskOperation } from "./operations";
import { isOnBoard, type Confirmed } from "./state";

export interface Pending {
  /** Its idempotency key. */
  readonly key: string;
  readonly op: Operation;
  /** queued: to be sent; waiting: the line failed it, it will be sent again; answered: its event is on the way. */
  readonly state: "queued" | "sending" | "waiting" | "answered";
  readonly tries: number;
  readonly answer?: Answer;
  /** Its event has come, even if its answer has not. */
  readonly met: boolean;
  /** When it was answered, in synchronisations with the server. */
  readonly epoch: number;
}

export type PendingList = readonly Pending[];

export function enqueue(list: PendingList, op: Operation, key: string): PendingList {
  return [...list, { key, op, state: "queued", tries: 0, met: false, epoch: 0 }];
}

/** An operation that was never ours: what the server said about a task ahead of its events. */
export function adopt(list: PendingList, task: Task, key: string, epoch: number): PendingList {
  const op: Operation = { kind: "adopt-task", task };
  return [...list, { key, op, state: "answered", tries: 0, met: false, epoch, answer: task }];
}

export function change(list: PendingList, key: string, part: Partial<Pending>): PendingList {
  return list.map((pending) => (pending.key === key ? { ...pending, ...part } : pending));
}

export function drop(list: PendingList, key: string): PendingList {
  return list.filter((pending) => pending.key !== key);
}

/** The server has carried it out: what still queues for the same subject builds on the answer. */
export function answered(list: PendingList, key: string, answer: Answer | undefined, epoch: number): PendingList {
  const done = change(list, key, { state: "answered", epoch, ...(answer && { answer }) });
  return answer ? done.map((one) => (one.state === "queued" ? { ...one, op: rebase(one.op, answer) } : one)) : done;
}

/** What may be sent now: queued, and nothing earlier of the same lane is under way. */
export function sendable(list: PendingList): PendingList {
  const busy = new Set<string>();
  return list.filter((pending) => {
    if (pending.state === "answered") return false;
    const own = lanes(pending.op);
    const taken = busy.has(ALL) || own.some((lane) => busy.has(lane) || (lane === ALL && busy.size > 0));
    for (const lane of own) busy.add(lane);
    return pending.state === "queued" && !taken;
  });
}

/** Mark the operation whose doing this event tells of, when the event cannot be told by a version. */
export function meet(list: PendingList, event: TeamEvent, me: number): PendingList {
  if (event.by !== me) return list;
  const own = list.find((pending) => !pending.met && isOutcome(pending.op, event));
  return own ? change(list, own.key, { met: true }) : list;
}

function isOutcome(op: Operation, event: TeamEvent): boolean {
  switch (event.type) {
    case "task.created":
      return op.kind === "create-task" && op.task.list === event.task.list && op.task.title === event.task.title;
    case "task.deleted":
      return op.kind === "delete-task" && op.base.id === event.task.id;
    case "list.created":
      return op.kind === "create-list" && op.list.name === event.list.name;
    case "list.deleted":
      return op.kind === "delete-list" && op.base.id === event.list.id;
    default:
      return false;
  }
}

/** Without the operations that the confirmed board shows by now. */
export function settle(list: PendingList, board: Confirmed): PendingList {
  return list.filter((pending) => !(pending.state === "answered" && (pending.met || isShown(pending, board))));
}

function isShown({ op, answer }: Pending, board: Confirmed): boolean {
  if (op.kind === "undo") return true; // it lays nothing over the board
  if (op.kind === "change-many") return !Array.isArray(answer) || answer.every((task) => hasReached(board, task));
  const id = answer && "id" in answer ? answer.id : "base" in op ? op.base.id : 0;
  if (op.kind.endsWith("-list")) return isListShown(op.kind, board.lists.get(id), answer as TaskList | undefined);
  return isTaskShown(op as TaskOperation, board, id, answer as Task | undefined);
}

function isListShown(kind: string, shown: TaskList | undefined, answer: TaskList | undefined): boolean {
  if (!shown) return /^(edit|move|delete)-/.test(kind);
  return kind !== "delete-list" && shown.version >= (answer?.version ?? 0);
}

function isTaskShown(op: TaskOperation, board: Confirmed, id: number, answer: Task | undefined): boolean {
  const shown = board.tasks.get(id);
  if (!shown) return !/^(create|restore|unarchive)-/.test(op.kind);
  if (op.kind === "delete-task") return false;
  if (op.kind === "watch-task") return shown.watchers.includes(op.by) === op.watch;
  if (op.kind === "checklist-task" && op.step.do === "remove") return !has(shown, op.step.item);
  return answer === undefined || hasReached(board, answer);
}

const has = (task: Task, item: number): boolean => task.checklist.some((one) => one.id === item);

/** Whether the board is as far as a task that the server told of, which may have left the board. */
function hasReached(board: Confirmed, task: Task): boolean {
  const shown = board.tasks.get(task.id);
  if (!shown) return true;
  return isOnBoard(task) ? shown.version >= task.version : shown.version > task.version;
}

/** Without what was answered before an epoch: a board that was in step with the server since then holds it. */
export function letGo(list: PendingList, epoch: number): PendingList {
  return list.filter((pending) => pending.state !== "answered" || pending.epoch >= epoch);
}
