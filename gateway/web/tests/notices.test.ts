import { beforeEach, describe, expect, test } from "vitest";
import "./english";
import type { Attempt, Notice } from "../src/api/notices";
import { muteUntil } from "../src/notices/mute";
import { later } from "../src/notices/snooze";
import { PATIENCE, Telling, type Told } from "../src/notices/telling";
import { attemptLine, byDay, isToDo, placeOfNotice, saidOf } from "../src/notices/words";
import { Attention, IDLE, isInput } from "../src/people/attention";

const NOW = new Date(2026, 0, 15, 12, 0);

function notice(id: number, more: Partial<Notice> = {}): Notice {
  return {
    ...{ id, user: 1, kind: "assigned", team: 7, team_name: "Crew", seq: id, at: NOW.toISOString(), by: 2, by_name: "Ben" },
    ...{ user_name: "Ann", task: 42, title: "Buy paper", comment: null, text: null, due_at: null, lead: null },
    ...{ read_at: null, snoozed_until: null, attempts: [] },
    ...more,
  };
}

/** A page, and the server that it answers. */
class Page {
  visible = true;
  now = 0;
  toasts = new Map<number, Told>();
  acknowledged: number[] = [];
  #next = 1;
  readonly telling = new Telling({
    visible: () => this.visible,
    show: (told) => {
      this.toasts.set(this.#next, told);
      return this.#next++;
    },
    isShown: (toast) => this.toasts.has(toast),
    close: (toast) => this.toasts.delete(toast),
    acknowledge: (notices) => this.acknowledged.push(...notices),
    heading: (count) => `${count} new`,
    now: () => this.now,
  });

  hear(...ids: number[]): void {
    this.telling.hear({ text: ids.join("+"), notices: ids.map((id) => notice(id)), unread: 0 });
  }

  get texts(): string[] {
    return [...this.toasts.values()].map((told) => told.text);
  }
}

describe("what is told at once", () => {
  let page: Page;
  beforeEach(() => {
    page = new Page();
  });

  test("is shown and acknowledged where somebody can see it", () => {
    page.hear(1);
    expect([page.texts, page.acknowledged]).toEqual([["1"], [1]]);
  });

  test("of a page that nobody sees is not acknowledged, and shown if they look in time", () => {
    page.visible = false;
    page.hear(1);
    page.now = PATIENCE - 1;
    page.hear(2);
    expect([page.texts, page.acknowledged]).toEqual([[], []]);
    page.now = PATIENCE;
    page.visible = true;
    page.telling.looked();
    expect([page.texts, page.acknowledged]).toEqual([["2"], [2]]);
    page.telling.looked();
    expect(page.acknowledged).toEqual([2]);
  });

  test("by an older server is only a text, and nothing to acknowledge", () => {
    page.telling.hear({ text: "Hello" });
    expect([page.texts, page.acknowledged]).toEqual([["Hello"], []]);
  });

  test("without a text is for the inbox alone", () => {
    page.telling.hear({ text: "", notices: [notice(1)], unread: 3 });
    expect([page.texts, page.acknowledged]).toEqual([[], []]);
  });

  test("becomes one toast when it is more than two", () => {
    page.hear(1);
    page.hear(2);
    page.hear(3);
    expect(page.texts).toEqual(["3 new\n• 1\n• 2\n• 3"]);
    page.hear(4);
    page.hear(5);
    expect(page.texts).toEqual(["5 new\n• 3\n• 4\n• 5"]);
    expect(page.acknowledged).toEqual([1, 2, 3, 4, 5]);
  });

  test("does not count those that were closed", () => {
    page.hear(1);
    page.hear(2);
    page.toasts.clear();
    page.hear(3);
    expect(page.texts).toEqual(["3"]);
  });

  test("says of many how many they are, with those that it does not name", () => {
    const ten = Array.from({ length: 10 }, (_, number) => number + 1);
    page.telling.hear({ text: ["12 notices", ...ten, "and 2 more"].join("\n"), notices: ten.map((id) => notice(id)), more: 2 });
    expect(page.texts).toEqual(["12 notices\n• 8\n• 9\n• 10"]);
    page.hear(11);
    page.hear(12);
    expect(page.texts).toEqual(["14 new\n• 10\n• 11\n• 12"]);
    expect(page.acknowledged).toEqual([...ten, 11, 12]);
  });
});

describe("attention", () => {
  test("counts the seconds since the last input, and knows who comes back", () => {
    let now = 0;
    const attention = new Attention(() => now);
    now = 7_900;
    expect(attention.idle).toBe(7);
    expect(attention.touch()).toBe(false);
    expect(attention.idle).toBe(0);
    now += IDLE;
    expect(attention.touch()).toBe(true);
    expect(attention.touch()).toBe(false);
  });

  test("is not paid by a page that moves below a still pointer", () => {
    const moved = (movementX: number): Event => ({ type: "pointermove", movementX, movementY: 0 }) as PointerEvent;
    expect([moved(0), moved(-1), { type: "wheel" } as Event].map(isInput)).toEqual([false, true, true]);
  });
});

describe("words", () => {
  test("what happened, and where it leads", () => {
    expect(saidOf(notice(1))).toBe("Ben assigned “Buy paper” to you");
    expect(placeOfNotice(notice(1))).toBe("/teams/7?task=42");
    const added = notice(2, { kind: "added", task: null, title: null });
    expect(saidOf(added)).toBe("Ben added you to the team “Crew”");
    expect([placeOfNotice(added), isToDo(added)]).toEqual(["/teams/7", false]);
  });

  test("where it was told, and why there", () => {
    const attempt: Attempt = {
      ...{ channel: "telegram", state: "delivered", reason: "last heartbeat 47 s ago" },
      ...{ at: new Date(2026, 0, 15, 10, 32).toISOString(), tries: 1, error: null },
    };
    expect(attemptLine(attempt, NOW)).toMatch(/^Telegram: delivered 10:32( AM)? — last heartbeat 47 s ago$/);
    expect(attemptLine({ ...attempt, reason: "", error: null }, NOW)).toMatch(/^Telegram: delivered 10:32( AM)?$/);
  });

  test("by day, the newest first, and days near today by name", () => {
    const at = (day: number): Partial<Notice> => ({ at: new Date(2026, 0, day, 9).toISOString() });
    const days = byDay([notice(4), notice(3, at(14)), notice(2, at(14)), notice(1, at(5))], NOW);
    expect(days.map((day) => day.notices.map(({ id }) => id))).toEqual([[4], [3, 2], [1]]);
    expect(days.map((day) => day.name).slice(0, 2)).toEqual(["Today", "Yesterday"]);
    expect(days[2]?.name).toMatch(/Monday/);
  });
});

test("later is an hour, or the morning after", () => {
  expect(later("inAnHour", NOW)).toEqual(new Date(2026, 0, 15, 13, 0));
  expect(later("tomorrow", new Date(2026, 0, 31, 23, 59))).toEqual(new Date(2026, 1, 1, 9, 0));
  expect(muteUntil("week", NOW)).toEqual(new Date(2026, 0, 22, 12, 0));
});
