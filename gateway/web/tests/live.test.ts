import { beforeEach, describe, expect, test, vi } from "vitest";
import type { TeamEvent } from "../src/board/events";
import { Live, SILENCE, type Connection, type Listener } from "../src/board/live";

interface Line extends Listener {
  after: number;
  open: boolean;
}

/** The other end: remembers what was opened and says what the test wants. */
class Server {
  lines: Line[] = [];
  have = 100;
  applied: number[] = [];
  states: Connection[] = [];
  caughtUp: number[] = [];
  viewers: number[] = [];
  farewells: string[] = [];
  refetches = 0;
  readonly live = new Live({
    open: (after, listener) => {
      const line = { after, open: true, frame: listener.frame, closed: listener.closed };
      this.lines.push(line);
      return () => (line.open = false);
    },
    have: () => this.have,
    event: (event: TeamEvent) => this.applied.push((this.have = event.seq)),
    refetch: () => Promise.resolve(++this.refetches > 0 && (this.have = 500) > 0),
    opening: () => undefined,
    state: (connection) => this.states.push(connection),
    viewers: ({ viewers }) => (this.viewers = viewers.map(({ user }) => user)),
    caughtUp: (events) => this.caughtUp.push(events),
    farewell: (reason) => this.farewells.push(reason),
    random: () => 1,
  });

  get line(): Line {
    return this.lines.at(-1) as Line;
  }

  say(...frames: object[]): void {
    for (const frame of frames) this.line.frame(JSON.stringify(frame));
  }
}

const event = (seq: number): object => ({ type: "task.created", seq, by: 1, task: { id: seq } });

let server: Server;
beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  server.live.start();
  server.say({ type: "ready", seq: 100 });
});

test("it asks for what comes after the snapshot and is live when told so", () => {
  expect(server.line.after).toBe(100);
  expect(server.states).toEqual(["live"]);
});

test("what it has is dropped, what is next is applied", () => {
  server.say(event(100), event(101), event(101), event(102));

  expect(server.applied).toEqual([101, 102]);
});

test("it says who looks at the board, and without a line that nobody knows", () => {
  server.say({ type: "viewers", viewers: [{ user: 7, is_active: true }] });
  expect(server.viewers).toEqual([7]);
  expect(server.applied).toEqual([]);

  server.live.lost();
  expect(server.viewers).toEqual([]);
});

describe("it comes back", () => {
  test.each([
    ["after a hole", event(102)],
    ["when the server is further than it was told", { type: "position", seq: 101 }],
  ])("%s", async (_, frame) => {
    server.say(frame);
    expect(server.states.at(-1)).toBe("offline");

    await vi.advanceTimersByTimeAsync(300);
    expect(server.lines.map((line) => [line.after, line.open])).toEqual([[100, false], [100, true]]);
  });

  test("after a silence, which every frame breaks", async () => {
    await vi.advanceTimersByTimeAsync(SILENCE - 1);
    server.say({ type: "position", seq: 100 });
    await vi.advanceTimersByTimeAsync(SILENCE - 1);
    expect(server.lines).toHaveLength(1);

    await vi.advanceTimersByTimeAsync(301);
    expect(server.lines).toHaveLength(2);
  });

  test.each([1006, 4408, 4503])("after a close with %d", async (code) => {
    server.line.closed(code);
    await vi.advanceTimersByTimeAsync(300);

    expect(server.lines).toHaveLength(2);
  });

  test("later and later, up to ten seconds, and at once when the network returns", async () => {
    const waits: number[] = [];
    for (let failures = 0; failures < 8; failures++) {
      server.line.closed(1006);
      const before = Date.now();
      await vi.advanceTimersToNextTimerAsync();
      waits.push(Date.now() - before);
    }
    expect(waits).toEqual([300, 600, 1200, 2400, 4800, 9600, 10_000, 10_000]);

    server.line.closed(1006);
    server.live.hurry();
    expect(server.lines).toHaveLength(10);
  });

  test("and says how much it had missed", async () => {
    server.line.closed(1006);
    await vi.advanceTimersByTimeAsync(300);
    server.say({ type: "recovered", from: 101, to: 103 }, event(101), event(102), event(103), { type: "ready", seq: 103 });

    expect(server.caughtUp).toEqual([3]);
    expect(server.applied).toEqual([101, 102, 103]);
    expect(server.states.at(-1)).toBe("live");
  });

  test("what came between snapshot and socket was not missed", () => {
    const fresh = new Server();
    fresh.live.start();
    fresh.say({ type: "recovered", from: 101, to: 101 }, event(101), { type: "ready", seq: 101 });

    expect(fresh.caughtUp).toEqual([]);
  });
});

test("a reset takes a fresh snapshot and goes on from there", async () => {
  server.line.closed(1006);
  await vi.advanceTimersByTimeAsync(300);
  server.say({ type: "reset" });
  await vi.advanceTimersByTimeAsync(0);

  expect(server.line.after).toBe(500);
  expect(server.caughtUp).toEqual([400]);
});

test.each([
  [4401, "signed-out"],
  [4403, "forbidden"],
  [4404, "not-found"],
])("a close with %d is for good", async (code, reason) => {
  server.line.closed(code);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(server.farewells).toEqual([reason]);
  expect(server.lines).toHaveLength(1);
});

test("a socket that was left is not listened to", async () => {
  server.live.stop();
  server.say(event(101));
  server.line.closed(1006);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(server.applied).toEqual([]);
  expect(server.lines).toHaveLength(1);
});
