import { beforeEach, describe, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../src/api/http";
import type { Task, TaskList } from "../src/api/types";
import type { TeamEvent } from "../src/board/events";
import type { Operation, Request } from "../src/board/operations";
import { Outbox } from "../src/board/outbox";
import { apply, type Confirmed } from "../src/board/state";
import { columnsOf, findCard } from "../src/board/view";
import { ANN, aTask, BEN, confirmed, DONE, told, TODO } from "./fixtures";

/** One request that the test answers when it likes. */
interface Sent extends Request {
  key: string;
  answer(with_: Task | TaskList | undefined): Promise<void>;
  fail(error: Error): Promise<void>;
}

class Desk {
  board: Confirmed = confirmed();
  sent: Sent[] = [];
  refused: string[] = [];
  gaveUp = 0;
  #keys = 0;
  readonly outbox = new Outbox({
    send: (request, key) =>
      new Promise((resolve, reject) => {
        const then = (settle: () => void): Promise<void> => (settle(), vi.advanceTimersByTimeAsync(0).then(() => undefined));
        this.sent.push({ ...request, key, answer: (a) => then(() => resolve(a)), fail: (e) => then(() => reject(e)) });
      }),
    newKey: () => `key ${++this.#keys}`,
    board: () => this.board,
    changed: () => undefined,
    refused: (_, problem) => this.refused.push(problem.detail),
    gaveUp: () => this.gaveUp++,
  });

  get shown(): string {
    return told(columnsOf(this.board, this.outbox.list));
  }

  card(id: number): Task | undefined {
    return findCard(columnsOf(this.board, this.outbox.list), id)?.task;
  }

  last(): Sent {
    const last = this.sent.at(-1);
    if (!last) throw new Error("nothing was sent");
    return last;
  }

  event(event: object): void {
    const next = { by: ANN, seq: this.board.seq + 1, ...event } as TeamEvent;
    this.board = apply(this.board, next);
    this.outbox.applied(next, this.board);
  }
}

const refusal = (status: number, part: object = {}): Refused =>
  new Refused(status, { type: "about:blank", title: "", status, detail: "no", ...part });
const create = (title: string, id = -1): Operation => ({ kind: "create-task", task: aTask(id, { title, version: 0 }) });
const rename = (title: string): Operation => ({ kind: "edit-task", base: aTask(1), changes: { title } });

let desk: Desk;
beforeEach(() => {
  vi.useFakeTimers();
  desk = new Desk();
});

describe("what a person does is shown at once", () => {
  test.each<[Operation, string]>([
    [create("new"), "10: 1 2 3 -1 | 11: 4"],
    [{ kind: "move-task", base: aTask(3), list: DONE, before: 4 }, "10: 1 2 | 11: 3 4"],
    [{ kind: "move-task", base: aTask(1), list: TODO, before: 3 }, "10: 2 1 3 | 11: 4"],
    [{ kind: "move-task", base: aTask(1), list: TODO, before: null }, "10: 2 3 1 | 11: 4"],
    [{ kind: "edit-task", base: aTask(1), changes: { list: DONE } }, "10: 2 3 | 11: 1 4"],
    [{ kind: "delete-task", base: aTask(2) }, "10: 1 3 | 11: 4"],
    [{ kind: "restore-task", base: aTask(9), before: 2 }, "10: 1 9 2 3 | 11: 4"],
    [{ kind: "delete-list", base: confirmed().lists.get(TODO)! }, "11: 4"],
    [{ kind: "move-list", base: confirmed().lists.get(DONE)!, before: TODO }, "11: 4 | 10: 1 2 3"],
  ])("%o", async (op, shown) => {
    desk.outbox.add(op);
    expect(desk.shown).toBe(shown);

    await desk.last().fail(refusal(403));
    expect(desk.shown, "and gone when refused").toBe("10: 1 2 3 | 11: 4");
    expect(desk.refused).toEqual(["no"]);
  });
});

describe("a change is shown once, whatever comes first", () => {
  const made = aTask(5, { title: "new" });

  test("the answer, then the event", async () => {
    desk.outbox.add(create("new"));
    await desk.last().answer(made);
    expect(desk.shown).toBe("10: 1 2 3 5 | 11: 4");

    desk.event({ type: "task.created", task: made });
    expect(desk.shown).toBe("10: 1 2 3 5 | 11: 4");
    expect(desk.outbox.list).toEqual([]);
  });

  test("the event, then the answer", async () => {
    desk.outbox.add(create("new"));
    desk.event({ type: "task.created", task: made });
    expect(desk.shown).toBe("10: 1 2 3 5 | 11: 4");

    await desk.last().answer(made);
    expect(desk.shown).toBe("10: 1 2 3 5 | 11: 4");
    expect(desk.outbox.list).toEqual([]);
  });

  test("a task of the same title by somebody else is another one", () => {
    desk.outbox.add(create("new"));
    desk.event({ type: "task.created", task: made, by: BEN });

    expect(desk.shown).toBe("10: 1 2 3 5 -1 | 11: 4");
  });

  test("a change waits for its event, not for an older one", async () => {
    desk.outbox.add(rename("mine"));
    await desk.last().answer(aTask(1, { title: "mine", version: 3 }));
    desk.event({ type: "task.updated", task: aTask(1, { version: 2 }), by: BEN });
    expect(desk.card(1)?.title).toBe("mine");

    desk.event({ type: "task.updated", task: aTask(1, { title: "mine", version: 3 }) });
    expect(desk.outbox.list).toEqual([]);
    expect(desk.card(1)?.title).toBe("mine");
  });

  test("a deleted task that somebody restores comes back", async () => {
    desk.outbox.add({ kind: "delete-task", base: aTask(2) });
    desk.event({ type: "task.deleted", task: aTask(2) });
    desk.event({ type: "task.restored", task: aTask(2, { version: 3 }), by: BEN });
    await desk.last().answer(undefined);

    expect(desk.shown).toBe("10: 1 2 3 | 11: 4");
  });

  test("what was answered before a synchronisation is part of it", async () => {
    desk.outbox.add(create("new"));
    await desk.last().answer(made);
    const mark = desk.outbox.mark();
    desk.outbox.add(create("later", -2));
    desk.outbox.inStep(mark);

    expect(desk.shown).toBe("10: 1 2 3 -2 | 11: 4");
  });
});

describe("order", () => {
  test("new tasks of a list are sent one after another", async () => {
    desk.outbox.add(create("first", -1));
    desk.outbox.add(create("second", -2));
    expect(desk.sent).toHaveLength(1);

    await desk.last().answer(aTask(5));
    expect(desk.last().body).toMatchObject({ title: "second" });
  });

  test("a second change of a task builds on the answer to the first", async () => {
    desk.outbox.add(rename("one"));
    desk.outbox.add({ kind: "edit-task", base: aTask(1), changes: { is_done: true } });
    await desk.last().answer(aTask(1, { title: "one", version: 2 }));

    expect(desk.last().body).toEqual({ is_done: true, version: 2 });
  });
});

describe("somebody else was first", () => {
  test("with the same field: theirs is shown ahead of its event", async () => {
    desk.outbox.add(rename("mine"));
    await desk.last().fail(refusal(409, { current: aTask(1, { title: "theirs", version: 2 }) }));

    expect(desk.card(1)).toMatchObject({ title: "theirs", version: 2 });
    expect(desk.refused).toHaveLength(1);
    desk.event({ type: "task.updated", task: aTask(1, { title: "theirs", version: 2 }), by: BEN });
    expect(desk.outbox.list).toEqual([]);
  });

  test("with another field: it is asked again, under another key", async () => {
    desk.outbox.add(rename("mine"));
    await desk.last().fail(refusal(409, { current: aTask(1, { is_done: true, version: 2 }) }));

    expect(desk.last()).toMatchObject({ key: "key 2", body: { title: "mine", version: 2 } });
    expect(desk.refused).toEqual([]);
  });
});

describe("the line fails", () => {
  test("the change stays, visibly waiting, and is sent again with the same key", async () => {
    desk.outbox.add(create("new"));
    await desk.last().fail(new Unreachable());
    expect(desk.outbox.list[0]?.state).toBe("waiting");
    expect(desk.shown).toContain("-1");

    await vi.advanceTimersByTimeAsync(1000);
    expect(desk.sent.map((one) => one.key)).toEqual(["key 1", "key 1"]);
  });

  test("while the line is known to be down nothing is tried until it is back", async () => {
    desk.outbox.hold();
    desk.outbox.add(create("new"));
    await desk.last().fail(new Unreachable());
    await vi.advanceTimersByTimeAsync(600_000);
    expect(desk.sent).toHaveLength(1);

    desk.outbox.wake();
    expect(desk.sent).toHaveLength(2);
  });

  test("after six tries it is undone and said so", async () => {
    desk.outbox.add(create("new"));
    for (let tries = 1; tries <= 6; tries++) {
      await desk.last().fail(new Unreachable());
      await vi.advanceTimersByTimeAsync(15_000);
    }

    expect(desk.sent).toHaveLength(6);
    expect(desk.gaveUp).toBe(1);
    expect(desk.shown).toBe("10: 1 2 3 | 11: 4");
  });
});
