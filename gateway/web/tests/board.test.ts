import { describe, expect, test } from "vitest";
import { changesOf, draftOf } from "../src/board/draft";
import { daysBetween, fromField, toField, urgency } from "../src/board/due";
import { conditions, filtered, fromServer, NO_FILTER, toQuery, toServer, type Filter } from "../src/board/filter";
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
    const draft = { ...draftOf(task), title: "  New  name ", assignee: null, due: "", is_done: true, labels: [21, 20] };

    const labels = [20, 21];
    expect(changesOf(draft, task)).toEqual({ title: "New name", assignee: null, due_at: null, is_done: true, labels });
  });
});

describe("the filter", () => {
  const now = new Date("2030-06-15T12:00:00Z");
  const tasks = [
    aTask(1, { assignee: ANN, labels: [20], due_at: "2030-06-14T12:00:00Z" }),
    aTask(2, { priority: "high", watchers: [ANN] }),
    aTask(3, { assignee: BEN, due_at: "2030-06-20T12:00:00Z" }),
    aTask(4, { list: DONE, is_done: true, due_at: "2030-06-14T12:00:00Z" }),
  ];

  test.each<[Partial<Filter>, string]>([
    [{ words: "task 2" }, "10: 2 | 11:"],
    [{ words: "TASK", mine: true }, "10: 1 | 11:"],
    [{ words: "#4" }, "10: | 11: 4"],
    [{ words: " " }, "10: 1 2 3 | 11: 4"],
    [{ assignee: BEN }, "10: 3 | 11:"],
    [{ label: 20 }, "10: 1 | 11:"],
    [{ priority: "high" }, "10: 2 | 11:"],
    [{ priority: "none", show: "open" }, "10: 1 3 | 11:"],
    [{ show: "done" }, "10: | 11: 4"],
    [{ show: "overdue" }, "10: 1 | 11:"],
    [{ show: "watched" }, "10: 2 | 11:"],
    [{ dueFrom: "2030-06-14", dueTo: "2030-06-14" }, "10: 1 | 11: 4"],
    [{ dueFrom: "2030-06-15" }, "10: 3 | 11:"],
    [{ dueTo: "2030-06-13" }, "10: | 11:"],
  ])("%o leaves %s", (part, shown) => {
    const filter = { ...NO_FILTER, ...part };

    expect(told(filtered(columnsOf(confirmed({ tasks }), []), filter, ANN, now))).toBe(shown);
  });

  test.each<Partial<Filter>>([
    { words: "paper", mine: true, team: 7, archived: true },
    { assignee: BEN, label: 20, priority: "low", show: "open" },
    { show: "overdue", dueFrom: "2030-03-30", dueTo: "2030-03-31" }, // where the day has 23 hours
    { show: "watched" },
    { show: "done" },
  ])("%o comes back from the server as it was", (part) => {
    const filter = { ...NO_FILTER, ...part };

    expect(fromServer(toServer(filter))).toEqual(filter);
  });

  test("asks the server for what is given and nothing else", () => {
    expect(String(toQuery({ ...NO_FILTER }, ANN))).toBe("");
    expect(String(toQuery({ ...NO_FILTER, words: " a b ", mine: true, show: "open", team: 7 }, ANN))).toBe(
      "team=7&assignee=1&q=a+b&filter=open",
    );
  });

  test("counts its conditions, the words aside", () => {
    expect(conditions({ ...NO_FILTER, words: "a", mine: true, dueTo: "2030-06-14" })).toBe(2);
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
