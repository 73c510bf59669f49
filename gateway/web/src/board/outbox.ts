/** Sends the pending operations: in order where order matters, again with the same key where the line fails. */
import { Refused } from "../api/http";
import type { Problem, Task, TaskList } from "../api/types";
import type { TeamEvent } from "./events";
import { collides, rebase, type Answer, type Operation } from "./operations";
import * as pending from "./pending";
import { requestOf, type Request } from "./requests";
import type { Confirmed } from "./state";

export interface OutboxPorts {
  send(request: Request, key: string): Promise<Answer | undefined>;
  newKey(): string;
  board(): Confirmed;
  /** The list is another one. */
  changed(): void;
  /** The server has carried it out. */
  done(op: Operation): void;
  /** The server refused; the operation is undone. `current` is what somebody else made of its subject. */
  refused(op: Operation, problem: Problem, current: Task | null): void;
  /** The line failed it too often; the operation is undone. */
  gaveUp(op: Operation): void;
}

const TRIES = 6;
const FIRST_DELAY = 1000; // milliseconds
const LONGEST_DELAY = 15_000;

export class Outbox {
  list: pending.PendingList = [];
  #epoch = 1;
  #held = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: OutboxPorts) {}

  add(op: Operation): void {
    this.#set(pending.enqueue(this.list, op, this.ports.newKey()));
    this.#pump();
  }

  /** Back in step with the server: what waits is sent at once. */
  wake(): void {
    this.#held = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const one of this.list) if (one.state === "waiting") this.#change(one.key, { state: "queued" });
    this.#pump();
  }

  /** The line is down: what fails now waits for `wake` and not for a timer. */
  hold(): void {
    this.#held = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** What is under way may still be carried out; nobody is told. */
  close(): void {
    this.hold();
    this.#closed = true;
  }

  /** An event has been applied to the confirmed board. */
  applied(event: TeamEvent, board: Confirmed): void {
    this.#set(pending.settle(pending.meet(this.list, event, board.me), board));
  }

  /** Begin to synchronise; give the result to `inStep` when all that was done before has been received. */
  mark(): number {
    return ++this.#epoch;
  }

  inStep(mark: number): void {
    this.#set(pending.letGo(this.list, mark));
  }

  #pump(): void {
    if (this.#closed) return;
    for (const one of pending.sendable(this.list)) void this.#send(one);
  }

  async #send(one: pending.Pending): Promise<void> {
    if (one.op.kind === "adopt-task") return;
    this.#change(one.key, { state: "sending" });
    try {
      const answer = await this.ports.send(requestOf(one.op), one.key);
      const list = pending.answered(this.list, one.key, answer, this.#epoch);
      this.#set(pending.settle(list, this.ports.board()));
      this.ports.done(one.op);
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof Refused) this.#refused(one, error);
      else this.#failed(one);
    }
    this.#pump();
  }

  #refused(one: pending.Pending, refusal: Refused): void {
    const current = (refusal.problem.current ?? null) as Task | TaskList | null;
    if (current && !collides(one.op, current) && one.tries + 1 < TRIES) {
      const again = { key: this.ports.newKey(), op: rebase(one.op, current), state: "queued", tries: one.tries + 1 } as const;
      this.#change(one.key, again);
      return;
    }
    const theirs = one.op.kind.endsWith("-task") ? (current as Task | null) : null;
    const rest = pending.drop(this.list, one.key);
    const list = theirs ? pending.adopt(rest, theirs, this.ports.newKey(), this.#epoch) : rest;
    this.#set(pending.settle(list, this.ports.board()));
    this.ports.refused(one.op, refusal.problem, theirs);
  }

  #failed(one: pending.Pending): void {
    const tries = one.tries + 1;
    if (tries >= TRIES) {
      this.#set(pending.drop(this.list, one.key));
      this.ports.gaveUp(one.op);
      return;
    }
    this.#change(one.key, { state: "waiting", tries });
    if (!this.#held) this.#timer ??= setTimeout(() => this.wake(), Math.min(FIRST_DELAY * 2 ** (tries - 1), LONGEST_DELAY));
  }

  #change(key: string, part: Partial<pending.Pending>): void {
    this.#set(pending.change(this.list, key, part));
  }

  #set(list: pending.PendingList): void {
    if (list === this.list || (list.length === 0 && this.list.length === 0)) return;
    this.list = list;
    this.ports.changed();
  }
}
