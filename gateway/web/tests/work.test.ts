import { beforeEach, describe, expect, test } from "vitest";
import { beside, progress, stepped } from "../src/board/checklist";
import { candidates, completed, typedAt } from "../src/board/mention";
import { Selection } from "../src/board/selection.svelte";
import { columnsOf, labelsOn, openTasks } from "../src/board/view";
import { toHtml } from "../src/markdown";
import { aLabel, aMember, aTask, confirmed, DONE } from "./fixtures";

const columns = columnsOf(confirmed(), []);

describe("a checklist", () => {
  const items = [1, 2, 3].map((id) => ({ id, text: `Step ${id}`, is_done: id === 2 }));
  const order = (step: Parameters<typeof stepped>[1]): number[] => stepped(items, step).map((item) => item.id);

  test.each([
    [3, 1, [3, 1, 2]],
    [1, 3, [2, 1, 3]],
    [1, null, [2, 3, 1]],
    [2, 2, [1, 3, 2]],
  ])("%d before %s", (item, before, ids) => expect(order({ do: "move", item, before })).toEqual(ids));

  test("one place higher or lower, as far as there is one", () => {
    expect([beside(items, 2, -1), beside(items, 1, 1), beside(items, 2, 1)]).toEqual([1, 3, null]);
    expect([beside(items, 1, -1), beside(items, 3, 1), beside(items, 9, 1)]).toEqual([undefined, undefined, undefined]);
  });

  test("counts what is done", () => expect(progress(items)).toEqual({ done: 1, of: 3 }));
});

describe("a mention", () => {
  const members = [
    aMember(1, { username: "ann", name: "Ann Lee" }),
    aMember(2, { username: "joanna", name: "Joanna Ann" }),
    aMember(3, { username: "ben", name: "Ben Ito" }),
  ];

  test.each([
    ["hello @an", 9, { from: 6, to: 9, word: "an" }],
    ["@", 1, { from: 0, to: 1, word: "" }],
    ["ann@example.org", 15, null],
    ["@ann said", 9, null],
    ["(@ben", 5, { from: 1, to: 5, word: "ben" }],
  ])("%j at %d", (text, caret, typed) => expect(typedAt(text, caret)).toEqual(typed));

  test("offers whom the word begins first", () => {
    expect(candidates(members, "an").map((member) => member.username)).toEqual(["ann", "joanna"]);
    expect(candidates(members, "it").map((member) => member.username)).toEqual(["ben"]);
    expect(candidates(members, "zz")).toEqual([]);
  });

  test("takes the place of what was typed", () => {
    expect(completed("ask @an now", { from: 4, to: 7, word: "an" }, "ann")).toEqual({ text: "ask @ann now", caret: 9 });
  });
});

describe("the selection", () => {
  let selection: Selection;
  const ids = (): number[] => selection.tasks.map((task) => task.id);
  beforeEach(() => (selection = new Selection(() => columns)));

  test("takes and leaves one card", () => {
    selection.toggle(2);
    selection.toggle(4);
    selection.toggle(2);
    expect(ids()).toEqual([4]);
  });

  test("reaches from the last one over the columns, either way", () => {
    selection.toggle(2);
    selection.reach(4);
    expect(ids()).toEqual([2, 3, 4]);

    selection.clear();
    selection.toggle(3);
    selection.reach(1);
    expect(ids()).toEqual([1, 2, 3]);
  });

  test("holds only what is shown", () => {
    const shown = { columns };
    selection = new Selection(() => shown.columns);
    selection.toggle(1);
    selection.toggle(4);
    expect(ids()).toEqual([1, 4]);

    const fewer = new Selection(() => columnsOf(confirmed({ tasks: [aTask(1)] }), []));
    fewer.toggle(4);
    expect(fewer.tasks).toEqual([]);
  });
});

describe("a board", () => {
  test("counts the open tasks of a list", () => {
    const [todo] = columnsOf(confirmed({ tasks: [aTask(1), aTask(2, { is_done: true }), aTask(4, { list: DONE })] }), []);
    expect(todo && openTasks(todo)).toBe(1);
  });

  test("a label that is gone is on no task", () => {
    expect(labelsOn(aTask(1, { labels: [20, 99] }), [aLabel(20), aLabel(21)])).toEqual([aLabel(20)]);
  });
});

describe("Markdown", () => {
  test("is rendered", () => {
    expect(toHtml("**a** and `b`")).toBe("<p><strong>a</strong> and <code>b</code></p>\n");
    expect(toHtml("- [x] done")).toContain("☑ done");
  });

  test.each(["<b>x</b>", "<img src=x onerror=alert(1)>", "a <script>alert(1)</script>", "<!-- x -->", "<svg/onload=alert(1)>"])(
    "HTML in it is shown as it was typed: %s",
    (text) => {
      expect(toHtml(text).replace(/<\/?p>/g, "")).not.toMatch(/<[a-z!/]/i);
    },
  );

  test("a picture is a link, so that nothing is fetched", () => {
    expect(toHtml('![a"><b>](https://example.org/x.png)')).toBe(
      '<p><a href="https://example.org/x.png">a&#34;&#62;&#60;b&#62;</a></p>\n',
    );
  });
});
