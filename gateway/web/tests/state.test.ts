import { describe, expect, test } from "vitest";
import type { Board } from "../src/api/types";
import { readFrame, type TeamEvent } from "../src/board/events";
import { apply, follows, fromSnapshot } from "../src/board/state";
import { aBoard, aComment, aLabel, aList, aMember, ANN, aTask, BEN, confirmed, DONE, THEN, TODO } from "./fixtures";

type Untold<E> = E extends unknown ? Omit<E, "seq" | "by"> : never;
type Case = [event: Untold<TeamEvent>, fresh: (board: Board) => Partial<Board>];

const withTask = (id: number, part: object): Board["tasks"] =>
  aBoard().tasks.map((task) => (task.id === id ? { ...task, ...part } : task));
const changed = (id: number, part: object) => ({ ...aTask(id), version: 2, ...part });

const CASES: Case[] = [
  [{ type: "task.created", task: aTask(5) }, (b) => ({ tasks: [...b.tasks, aTask(5)] })],
  [{ type: "task.updated", task: changed(1, { title: "x" }) }, () => ({ tasks: withTask(1, { version: 2, title: "x" }) })],
  [
    { type: "task.assigned", task: changed(1, { assignee: BEN }) },
    () => ({ tasks: withTask(1, { version: 2, assignee: BEN }) }),
  ],
  [{ type: "task.moved", task: changed(1, { list: DONE }) }, () => ({ tasks: withTask(1, { version: 2, list: DONE }) })],
  [
    { type: "task.completed", task: changed(1, { is_done: true }) },
    () => ({ tasks: withTask(1, { version: 2, is_done: true }) }),
  ],
  [{ type: "task.reopened", task: changed(1, {}) }, () => ({ tasks: withTask(1, { version: 2 }) })],
  [{ type: "task.deleted", task: changed(2, { deleted_at: THEN }) }, (b) => ({ tasks: b.tasks.filter((task) => task.id !== 2) })],
  [{ type: "task.restored", task: aTask(9) }, (b) => ({ tasks: [...b.tasks, aTask(9)] })],
  [
    { type: "task.archived", task: changed(2, { archived_at: THEN }) },
    (b) => ({ tasks: b.tasks.filter((task) => task.id !== 2) }),
  ],
  [{ type: "task.unarchived", task: aTask(6) }, (b) => ({ tasks: [...b.tasks, aTask(6)] })],
  [
    { type: "checklist.changed", task: changed(1, { checklist: [{ id: 101, text: "a", is_done: true }] }) },
    () => ({ tasks: withTask(1, { version: 2, checklist: [{ id: 101, text: "a", is_done: true }] }) }),
  ],
  [{ type: "watchers.changed", task: aTask(1, { watchers: [BEN] }) }, () => ({ tasks: withTask(1, { watchers: [BEN] }) })],
  ...(["comment.added", "comment.edited", "comment.deleted", "comment.restored"] as const).map(
    (type): Case => [
      { type, task: aTask(1, { comments: 2 }), comment: aComment(1) },
      () => ({ tasks: withTask(1, { comments: 2 }) }),
    ],
  ),
  ...(["label.created", "label.restored"] as const).map(
    (type): Case => [{ type, label: aLabel(21) }, (b) => ({ labels: [...b.labels, aLabel(21)] })],
  ),
  [
    { type: "label.updated", label: aLabel(20, { colour: "#000000", version: 2 }) },
    () => ({ labels: [aLabel(20, { colour: "#000000", version: 2 })] }),
  ],
  [{ type: "label.deleted", label: aLabel(20, { deleted_at: THEN }) }, () => ({ labels: [] })],
  [
    { type: "task.reranked", list: TODO, ranks: [[1, 7], [99, 8]] }, // 99 lies in the trash
    () => ({ tasks: withTask(1, { rank: 7 }) }),
  ],
  [{ type: "list.created", list: aList(12) }, (b) => ({ lists: [...b.lists, aList(12)] })],
  [
    { type: "list.updated", list: aList(TODO, { name: "x", wip_limit: 3, version: 2 }) },
    () => ({ lists: [aList(TODO, { name: "x", wip_limit: 3, version: 2 }), aList(DONE)] }),
  ],
  [
    { type: "list.moved", list: aList(TODO, { rank: 9999, version: 2 }) },
    () => ({ lists: [aList(TODO, { rank: 9999, version: 2 }), aList(DONE)] }),
  ],
  [{ type: "list.deleted", list: aList(TODO) }, (b) => ({ lists: [aList(DONE)], tasks: b.tasks.slice(3) })],
  [
    // what was put away before the list was deleted stays away
    { type: "list.restored", list: aList(12), tasks: [aTask(8, { list: 12 }), aTask(9, { list: 12, archived_at: THEN })] },
    (b) => ({ lists: [...b.lists, aList(12)], tasks: [...b.tasks, aTask(8, { list: 12 })] }),
  ],
  [{ type: "member.added", member: aMember(3) }, (b) => ({ members: [...b.members, aMember(3)] })],
  [
    { type: "member.changed", member: aMember(ANN, { role: "viewer" }) }, // the reader's own role is the team's too
    (b) => ({ members: [aMember(ANN, { role: "viewer" }), aMember(BEN)], team: { ...b.team, role: "viewer" } }),
  ],
  [
    { type: "team.transferred", member: aMember(BEN, { role: "owner" }) },
    (b) => ({ members: [...b.members.filter(({ user }) => user !== BEN), aMember(BEN, { role: "owner" })] }),
  ],
  [{ type: "member.removed", member: aMember(BEN) }, () => ({ members: [aMember(ANN, { role: "owner" })] })],
  [{ type: "team.renamed", name: "Cellar" }, (b) => ({ team: { ...b.team, name: "Cellar", version: 2 } })],
];

describe("a snapshot and the events after it are a fresh snapshot", () => {
  test.each(CASES)("%o", (event, fresh) => {
    const after = apply(confirmed(), { ...event, seq: 101, by: BEN } as TeamEvent);

    expect(after).toEqual(confirmed({ ...fresh(aBoard()), seq: 101 }));
    expect({ ...after, seq: 100 }, "the event changes something").not.toEqual(confirmed());
  });

  test("all at once", () => {
    const one = CASES.filter(([event]) => !event.type.startsWith("list.deleted"));
    const after = one.reduce((board, [event], at) => apply(board, { ...event, seq: 101 + at, by: BEN } as TeamEvent), confirmed());

    expect(after.seq).toBe(100 + one.length);
    expect([...after.tasks.keys()].sort()).toEqual([1, 3, 4, 5, 6, 8, 9]);
  });

  test.each(["team.created", "team.deleted", "team.restored", "invite.created", "unknown"] as const)("%s only moves the position", (type) => {
    const event = { type, name: "Kitchen", seq: 101, by: ANN } as TeamEvent;

    expect(apply(confirmed(), event)).toEqual(confirmed({ seq: 101 }));
  });

  test.each(["task.overdue", "task.due_soon"])("%s brings the task as it is", (type) => {
    const frame = readFrame(JSON.stringify({ type, seq: 101, by: null, lead: 60, task: aTask(1) }));

    expect(frame).toMatchObject({ type });
    expect(apply(confirmed(), frame as TeamEvent)).toEqual(confirmed({ seq: 101 }));
  });

  test.each([
    ["put away", { archived_at: THEN }],
    ["in the trash", { deleted_at: THEN }],
    ["on a list that is in the trash", { list: 99 }],
  ])("a task that changes while it is %s stays off the board", (_, part) => {
    const event = { type: "task.assigned", task: aTask(9, { ...part, version: 5 }), seq: 101, by: BEN } as TeamEvent;

    expect(apply(confirmed(), event)).toEqual(confirmed({ seq: 101 }));
  });

  test("the confirmed board is left as it was", () => {
    const board = confirmed();
    apply(board, { type: "task.deleted", task: aTask(1), seq: 101, by: BEN });

    expect(board).toEqual(fromSnapshot(aBoard(), ANN));
  });
});

test("an event is known, next or past a hole", () => {
  expect([99, 100, 101, 102].map((seq) => follows(seq, 100))).toEqual(["known", "known", "next", "hole"]);
});

describe("reading a frame", () => {
  test("an event of a later server only has its position", () => {
    expect(readFrame('{"action":"created","type":"comment.pinned","seq":4}')).toMatchObject({ type: "unknown", seq: 4 });
  });

  test.each(["", "[]", "null", "7", "{}", '{"type":"later"}', '{"type":7}', "{"])("%j is nothing", (text) => {
    expect(readFrame(text)).toBeNull();
  });
});
