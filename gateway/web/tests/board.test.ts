import { describe, expect, test } from "vitest";
import { changesOf, draftOf } from "../src/board/draft";
import { daysBetween, fromField, toField, urgency } from "../src/board/due";
import { filtered } from "../src/board/filter";
import { home, ordinal, step, type Place } from "../src/board/placement";
import { columnsOf } from "../src/board/view";
import { ANN, aTask, BEN, confirmed, DONE, told, TODO } from "./fixtures";

const columns = columnsOf(confirmed(), []);

describe("deadlines", () => {
  const now = new Date(2030, 5, 15, 12, 0);
  const at = (day: number, hour: number): string => new Date(2030, 5, day, hour).toISOString();

  test.each([
    [at(15, 12), "overdue"],
    [at(14, 23), "overdue"],
    [at(15, 13), "today"],
    [at(16, 1), "soon"],
    [at(18, 23), "soon"],
    [at(19, 0), "later"],
  ])("%s is %s", (due, expected) => expect(urgency(due, now)).toBe(expected));

  test("days are the calendar's", () => {
    expect(daysBetween(new Date(2030, 2, 30, 23, 59), new Date(2030, 2, 31, 0, 1))).toBe(1);
  });

  test("a field holds the browser's zone to the minute and gives UTC", () => {
    expect(fromField(toField("2030-06-15T10:20:00Z"))).toBe("2030-06-15T10:20:00Z");
    expect([toField(null), fromField(""), fromField("nonsense")]).toEqual(["", null, null]);
  });
});

describe("the form of a task", () => {
  const task = aTask(1, { due_at: "2030-06-15T10:20:33Z", assignee: BEN });

  test("changes nothing that nobody touched", () => expect(changesOf(draftOf(task), task)).toEqual({}));

  test("says what changed and only that", () => {
    const draft = { ...draftOf(task), title: "  New  name ", assignee: null, due: "", is_done: true };

    expect(changesOf(draft, task)).toEqual({ title: "New name", assignee: null, due_at: null, is_done: true });
  });
});

describe("the filter", () => {
  test.each([
    [{ words: "task 2", mine: false }, "10: 2 | 11:"],
    [{ words: "TASK", mine: true }, "10: 1 | 11:"],
    [{ words: "#4", mine: false }, "10: | 11: 4"],
    [{ words: " ", mine: false }, "10: 1 2 3 | 11: 4"],
  ])("%o leaves %s", (filter, shown) => {
    const tasks = [aTask(1, { assignee: ANN }), aTask(2), aTask(3), aTask(4, { list: DONE })];

    expect(told(filtered(columnsOf(confirmed({ tasks }), []), filter, ANN))).toBe(shown);
  });
});

describe("a lifted card", () => {
  test("starts where it stands", () => {
    expect(home(columns, 1)).toEqual({ list: TODO, before: 2 });
    expect(home(columns, 3)).toEqual({ list: TODO, before: null });
    expect(home(columns, 77)).toBeNull();
  });

  test.each<[Place, Parameters<typeof step>[3], Place]>([
    [{ list: TODO, before: 2 }, "down", { list: TODO, before: 3 }],
    [{ list: TODO, before: 3 }, "down", { list: TODO, before: null }],
    [{ list: TODO, before: null }, "down", { list: TODO, before: null }],
    [{ list: TODO, before: null }, "up", { list: TODO, before: 3 }],
    [{ list: TODO, before: 2 }, "up", { list: TODO, before: 2 }],
    [{ list: TODO, before: 2 }, "right", { list: DONE, before: 4 }],
    [{ list: TODO, before: null }, "right", { list: DONE, before: null }],
    [{ list: DONE, before: 4 }, "left", { list: TODO, before: 2 }],
    [{ list: TODO, before: 2 }, "left", { list: TODO, before: 2 }],
  ])("from %o %s to %o", (from, direction, to) => expect(step(columns, 1, from, direction)).toEqual(to));

  test("is counted among the others", () => {
    expect(ordinal(columns, 1, { list: TODO, before: 3 })).toEqual({ place: 2, of: 3 });
    expect(ordinal(columns, 1, { list: DONE, before: null })).toEqual({ place: 2, of: 2 });
  });
});
