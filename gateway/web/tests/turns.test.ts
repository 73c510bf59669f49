import { expect, test } from "vitest";
import { Turns } from "../src/turns";

test("what is asked later waits for what was asked before, even if that fails", async () => {
  const turns = new Turns();
  const done: string[] = [];
  let fail = (): void => undefined;
  const first = turns.take(() => new Promise((_, reject) => (fail = () => reject(new Error("no")))));
  const second = turns.take(async () => void done.push("second"));
  const third = turns.take(async () => void done.push("third"));
  await Promise.resolve();
  expect(done).toEqual([]);

  fail();
  await expect(first).rejects.toThrow("no");
  expect(await second).toBe(false);
  expect(await third).toBe(true);
  expect(done).toEqual(["second", "third"]);
});
