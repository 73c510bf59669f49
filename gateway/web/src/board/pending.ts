/**
 * The operations that the confirmed board does not show yet. Each leaves the list once: refused, or seen in the
 * confirmed board after its answer. Pure functions over an immutable list.
 */
import type { Task, TaskList } from "../api/types";
import type { TeamEvent } from "./events";
import { lanes, rebase, type Operation } from "./operations";
import type { Confirmed } from "./state";

export interface Pending {
  /** Its idempotency key. */
  readonly key: string;
  readonly op: Operation;
  /** queued: to be sent; waiting: the line failed it, it will be sent again; answered: its event is on the way. */
  readonly state: "queued" | "sending" | "waiting" | "answered";
  readonly tries: number;
  readonly answer?: Task | TaskList;
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
export function answered(list: PendingList, key: string, answer: Task | TaskList | undefined, epoch: number): PendingList {
  const done = change(list, key, { state: "answered", epoch, ...(answer && { answer }) });
  return answer ? done.map((one) => (one.state === "queued" ? { ...one, op: rebase(one.op, answer) } : one)) : done;
}

/** What may be sent now: queued, and nothing earlier of the same lane is under way. */
export function sendable(list: PendingList): PendingList {
  const busy = new Set<string>();
  return list.filter((pending) => {
    if (pending.state === "answered") return false;
    const own = lanes(pending.op);
    const free = pending.state === "queued" && !own.some((lane) => busy.has(lane));
    for (const lane of own) busy.add(lane);
    return free;
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
  const map: ReadonlyMap<number, Task | TaskList> = op.kind.endsWith("-task") ? board.tasks : board.lists;
  const id = answer?.id ?? ("base" in op ? op.base.id : 0);
  const shown = map.get(id);
  const gone = op.kind.startsWith("delete-");
  if (!shown) return gone || /^(edit|move|rename|adopt)-/.test(op.kind);
  return !gone && shown.version >= (answer?.version ?? 0);
}

/** Without what was answered before an epoch: a board that was in step with the server since then holds it. */
export function letGo(list: PendingList, epoch: number): PendingList {
  return list.filter((pending) => pending.state !== "answered" || pending.epoch >= epoch);
}
