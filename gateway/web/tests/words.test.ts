import "./english";
import { describe, expect, test } from "vitest";
import type { PastEvent } from "../src/board/events";
import { entriesOf } from "../src/board/words";
import { refusalOf, said } from "../src/board/said";
import { aLabel, aList, aMember, ANN, aTask, BEN, confirmed, DONE, THEN, TODO } from "./fixtures";

const names = confirmed();
let seq = 0;
const event = (part: object): PastEvent => ({ seq: ++seq, change: seq, by: ANN, at: THEN, undoes: null, ...part }) as PastEvent;
const told = (...events: PastEvent[]): string[][] => entriesOf([...events].reverse(), names).map((entry) => entry.lines);
const task = (part: object = {}) => aTask(1, part);

describe("what happened, in words", () => {
  test.each<[object, string]>([
    [{ type: "task.created", task: task() }, "created “Task 1” in List 10"],
    [{ type: "task.moved", task: task({ list: DONE }), previous: TODO }, "moved “Task 1” from List 10 to List 11"],
    [{ type: "task.moved", task: task(), previous: TODO }, "gave “Task 1” another place in List 10"],
    [{ type: "task.moved", task: task(), previous: 99 }, "moved “Task 1” from a list that is gone to List 10"],
    [{ type: "task.assigned", task: task({ assignee: BEN }), previous: null }, "assigned “Task 1” to User 2"],
    [{ type: "task.assigned", task: task({ assignee: null }), previous: BEN }, "took the assignee off “Task 1”"],
    [{ type: "task.completed", task: task() }, "completed “Task 1”"],
    [{ type: "task.overdue", task: task(), by: null }, "Deadline passed: “Task 1”"],
    [{ type: "comment.added", task: task(), comment: {} }, "commented on “Task 1”"],
    [{ type: "list.updated", list: aList(TODO) }, "changed the list “List 10”"],
    [{ type: "label.created", label: aLabel(20) }, "created the label Label 20"],
    [{ type: "member.changed", member: aMember(BEN, { role: "admin" }) }, "changed the role or name of User 2 (Admin)"],
    [{ type: "team.renamed", name: "Cellar" }, "renamed the team “Cellar”"],
  ])("%o", (part, line) => expect(told(event(part))).toEqual([[line]]));

  test("what time does has nobody who did it, and what is only a reminder is not told", () => {
    const passed = event({ type: "task.overdue", task: task(), by: null });
    const soon = event({ type: "task.due_soon", task: task(), by: null, lead: 60 });

    expect(entriesOf([passed, soon], names)).toMatchObject([{ seq: passed.seq, by: null, task: 1 }]);
  });

  test("an update says what it changed, when the state before is known", () => {
    const before = event({ type: "task.created", task: task() });
    const labelled = event({ type: "task.updated", task: task({ priority: "high", labels: [20] }) });
    const renamed = event({ type: "task.updated", task: task({ priority: "high", labels: [20], title: "New" }) });

    expect(told(before, labelled, renamed).slice(0, 2)).toEqual([
      ["renamed “Task 1” to “New”"],
      ["set the priority of “Task 1” to High", "labelled “Task 1”: Label 20"],
    ]);
    expect(told(labelled)).toEqual([["changed “Task 1”"]]);
  });

  test("a checklist says what was added or ticked off", () => {
    const item = { id: 5, text: "Measure", is_done: false };
    const before = event({ type: "task.created", task: task() });
    const added = event({ type: "checklist.changed", task: task({ checklist: [item] }) });
    const ticked = event({ type: "checklist.changed", task: task({ checklist: [{ ...item, is_done: true }] }) });

    expect(told(before, added, ticked).slice(0, 2)).toEqual([
      ["ticked off “Measure” in “Task 1”"],
      ["added the step “Measure” to “Task 1”"],
    ]);
  });

  test("what one command did is one entry, and no more of it than can be read", () => {
    const many = [1, 2, 3, 4, 5, 6].map((id) => event({ type: "task.completed", change: 1000, task: aTask(id) }));
    const [entry] = entriesOf([...many].reverse(), names);

    expect(entry).toMatchObject({ lines: [1, 2, 3, 4].map((id) => `completed “Task ${id}”`), more: 2, task: null });
  });

  test("moving one list moves others, which is said once", () => {
    const moved = [TODO, DONE].map((id) => event({ type: "list.moved", change: 2000, list: aList(id) }));

    expect(told(...moved)).toEqual([["rearranged the lists"]]);
  });

  test.each(["task.reranked", "watchers.changed", "unknown"])("%s is nobody's news", (type) => {
    expect(told(event({ type, task: task() }))).toEqual([]);
  });

  test("an undo is marked", () => {
    expect(entriesOf([event({ type: "task.reopened", task: task(), undoes: 3 })], names)[0]?.undoes).toBe(true);
  });
});

test.each<[Parameters<typeof said>[0], string | null]>([
  [{ kind: "edit-task", base: task(), changes: { is_done: true } }, "“Task 1” done"],
  [{ kind: "edit-task", base: task(), changes: { title: "New" } }, "“New” changed"],
  [{ kind: "move-task", base: task(), list: DONE, before: null }, "“Task 1” moved to List 11"],
  [{ kind: "move-task", base: task(), list: TODO, before: null }, null],
  [{ kind: "change-many", team: 7, tasks: [task(), aTask(2)], fields: { is_deleted: true } }, "2 tasks deleted"],
])("after %o it is said: %s", (op, text) => expect(said(op, names)).toBe(text));

describe("a refusal, in words", () => {
  const no = { type: "about:blank", title: "Conflict", status: 409, detail: "the server's own words" };
  const full = confirmed({ lists: [aList(TODO), aList(DONE, { wip_limit: 3 })] });
  const move = { kind: "move-task", base: task(), list: DONE, before: null } as const;

  test("a full list is named with its limit", () => {
    expect(refusalOf(move, { ...no, field: "list" }, full)).toBe("“List 11” is full: it holds 3 open tasks.");
  });

  test("what cannot be taken back says why", () => {
    expect(refusalOf({ kind: "undo", team: 7 }, { ...no, field: "version" }, full)).toContain("somebody else has changed");
    expect(refusalOf({ kind: "undo", team: 7 }, no, full)).toContain("nothing of yours");
  });

  test("all else is said in the server's words", () => {
    expect(refusalOf(move, no, full)).toBe("the server's own words");
    expect(refusalOf(move, { ...no, field: "list" }, names)).toBe("the server's own words");
  });
});
