import { beforeEach, describe, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../src/api/http";
import type { Task } from "../src/api/types";
import type { TeamEvent } from "../src/board/events";
import type { Answer, ChecklistStep, Operation } from "../src/board/operations";
import { Outbox } from "../src/board/outbox";
import type { Request } from "../src/board/requests";
import { apply, type Confirmed } from "../src/board/state";
import { columnsOf, findCard } from "../src/board/view";
import { ANN, aTask, BEN, confirmed, DONE, THEN, told, TODO } from "./fixtures";

/** One request that the test answers when it likes. */
interface Sent extends Request {
  key: string;
  answer(with_: Answer | undefined): Promise<void>;
  fail(error: Error): Promise<void>;
}

class Desk {
  board: Confirmed = confirmed();
  sent: Sent[] = [];
  refused: string[] = [];
  gaveUp = 0;
  done: string[] = [];
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
    done: (op) => this.done.push(op.kind),
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

const item = (id: number, is_done = false) => ({ id, text: `Step ${id}`, is_done });
const withSteps = aTask(1, { checklist: [item(1), item(2, true)] });
const step = (one: ChecklistStep): Operation => ({ kind: "checklist-task", base: withSteps, step: one });

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
    [{ kind: "archive-task", base: aTask(2) }, "10: 1 3 | 11: 4"],
    [{ kind: "restore-task", base: aTask(9, { rank: 150 }) }, "10: 1 9 2 3 | 11: 4"],
    [{ kind: "unarchive-task", base: aTask(9, { list: DONE }) }, "10: 1 2 3 | 11: 4 9"],
    [{ kind: "change-many", team: 7, tasks: [aTask(3), aTask(1)], fields: { list: DONE } }, "10: 2 | 11: 4 3 1"],
    [{ kind: "change-many", team: 7, tasks: [aTask(1), aTask(2)], fields: { is_deleted: true } }, "10: 3 | 11: 4"],
    [{ kind: "change-many", team: 7, tasks: [aTask(1), aTask(4)], fields: { is_archived: true } }, "10: 2 3 | 11:"],
    [{ kind: "delete-list", base: confirmed().lists.get(TODO)! }, "11: 4"],
    [{ kind: "move-list", base: confirmed().lists.get(DONE)!, before: TODO }, "11: 4 | 10: 1 2 3"],
  ])("%o", async (op, shown) => {
    desk.outbox.add(op);
    expect(desk.shown).toBe(shown);

    await desk.last().fail(refusal(403));
    expect(desk.shown, "and gone when refused").toBe("10: 1 2 3 | 11: 4");
    expect(desk.refused).toEqual(["no"]);
  });

  test.each<[Operation, Partial<Task>]>([
    [{ kind: "edit-task", base: aTask(1), changes: { priority: "high", labels: [20] } }, { priority: "high", labels: [20] }],
    [{ kind: "watch-task", base: aTask(1), by: ANN, watch: true }, { watchers: [ANN] }],
    [step({ do: "add", id: -1, text: "a" }), { checklist: [item(1), item(2, true), { id: -1, text: "a", is_done: false }] }],
    [step({ do: "change", item: 1, changes: { is_done: true } }), { checklist: [item(1, true), item(2, true)] }],
    [step({ do: "move", item: 1, before: null }), { checklist: [item(2, true), item(1)] }],
    [step({ do: "remove", item: 1 }), { checklist: [item(2, true)] }],
    [
      { kind: "change-many", team: 7, tasks: [aTask(1)], fields: { add_labels: [21], remove_labels: [20], assignee: BEN } },
      { labels: [21], assignee: BEN },
    ],
  ])("%o", async (op, part) => {
    desk.board = confirmed({ tasks: [aTask(1, { ...("base" in op ? op.base : { labels: [20] }), id: 1 } as Task)] });
    const before = desk.card(1);
    desk.outbox.add(op);
    expect(desk.card(1)).toMatchObject(part);

    await desk.last().fail(refusal(403));
    expect(desk.card(1), "and gone when refused").toEqual(before);
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

  test("a watcher is told by the watchers, for the version stays", async () => {
    desk.outbox.add({ kind: "watch-task", base: aTask(1), by: ANN, watch: true });
    await desk.last().answer(aTask(1, { watchers: [ANN] }));
    expect(desk.card(1)?.watchers).toEqual([ANN]);
    expect(desk.outbox.list).toHaveLength(1);

    desk.event({ type: "watchers.changed", task: aTask(1, { watchers: [ANN] }) });
    expect(desk.outbox.list).toEqual([]);
  });

  test("a step that was removed stays removed until its event has come", async () => {
    desk.board = confirmed({ tasks: [withSteps] });
    desk.outbox.add(step({ do: "remove", item: 1 }));
    await desk.last().answer(undefined);
    expect(desk.card(1)?.checklist).toEqual([item(2, true)]);

    desk.event({ type: "checklist.changed", task: aTask(1, { checklist: [item(2, true)], version: 2 }) });
    expect(desk.outbox.list).toEqual([]);
    expect(desk.card(1)?.checklist).toEqual([item(2, true)]);
  });

  test("a change of many waits for the last of its events", async () => {
    const changed = [1, 2].map((id) => aTask(id, { list: DONE, rank: 1000 + id, version: 2 }));
    desk.outbox.add({ kind: "change-many", team: 7, tasks: [aTask(1), aTask(2)], fields: { list: DONE } });
    await desk.last().answer(changed);
    for (const task of changed) {
      expect(desk.shown).toBe("10: 3 | 11: 4 1 2");
      expect(desk.outbox.list).toHaveLength(1);
      desk.event({ type: "task.moved", task, previous: TODO });
    }

    expect(desk.outbox.list).toEqual([]);
    expect(desk.shown).toBe("10: 3 | 11: 4 1 2");
  });

  test("a task that was put away and taken back by somebody is back", async () => {
    desk.outbox.add({ kind: "archive-task", base: aTask(2) });
    desk.event({ type: "task.archived", task: aTask(2, { archived_at: THEN, version: 2 }) });
    desk.event({ type: "task.unarchived", task: aTask(2, { version: 3 }), by: BEN });
    await desk.last().answer(aTask(2, { archived_at: THEN, version: 2 }));

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

  test("taking back waits for all that was done before, and holds up what is done after", async () => {
    desk.outbox.add(rename("one"));
    desk.outbox.add({ kind: "undo", team: 7 });
    desk.outbox.add({ kind: "edit-task", base: aTask(4), changes: { is_done: true } });
    expect(desk.sent.map((one) => one.path)).toEqual(["/api/tasks/1/"]);

    await desk.last().answer(aTask(1, { title: "one", version: 2 }));
    expect(desk.last().path).toBe("/api/teams/7/undo/");
    expect(desk.sent).toHaveLength(2);
    await desk.last().answer({ change: 101 });
    expect(desk.last().path).toBe("/api/tasks/4/");
    expect(desk.done).toEqual(["edit-task", "undo"]);
  });

  test("a change of many goes before what is done to one of them after it", () => {
    desk.outbox.add({ kind: "change-many", team: 7, tasks: [aTask(1), aTask(2)], fields: { is_done: true } });
    desk.outbox.add(rename("later"));

    expect(desk.sent.map((one) => one.path)).toEqual(["/api/tasks/bulk/"]);
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

  test("and its event came before the refusal: nothing is left to wait for", async () => {
    desk.outbox.add(rename("mine"));
    desk.event({ type: "task.updated", task: aTask(1, { title: "theirs", version: 2 }), by: BEN });
    await desk.last().fail(refusal(409, { current: aTask(1, { title: "theirs", version: 2 }) }));

    expect(desk.refused).toHaveLength(1);
    expect(desk.outbox.list).toEqual([]);
  });

  test("with the same labels, in the same order: it is asked again", async () => {
    const op: Operation = { kind: "edit-task", base: aTask(1, { labels: [20] }), changes: { labels: [20, 21] } };
    desk.outbox.add(op);
    await desk.last().fail(refusal(409, { current: aTask(1, { labels: [20], is_done: true, version: 2 }) }));

    expect(desk.last().body).toEqual({ labels: [20, 21], version: 2 });
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
