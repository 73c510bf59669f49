import { beforeEach, expect, test, vi } from "vitest";
import { BEAT, Feed, type Ears } from "../src/people/feed";

/** The other end of the person's socket. */
class Server {
  lines: { ears: Ears; heard: string[]; open: boolean }[] = [];
  told: unknown[] = [];
  visible = true;
  idle = 0;
  readonly feed = new Feed({
    open: (ears) => {
      const line = { ears, heard: [] as string[], open: true };
      this.lines.push(line);
      return { send: (text) => line.heard.push(text), close: () => (line.open = false) };
    },
    notify: ({ text, notices = [] }) => this.told.push([text, ...notices.map((notice) => notice.id)].join(" ")),
    inbox: (unread) => this.told.push(unread),
    telegram: (link) => this.told.push(link),
    account: (me) => this.told.push(me.name),
    signedOut: () => this.told.push("signed out"),
    returned: () => this.told.push("returned"),
    visible: () => this.visible,
    idle: () => this.idle,
    random: () => 1,
  });

  get line(): (typeof this.lines)[number] {
    const line = this.lines.at(-1);
    if (!line) throw new Error("no line was opened");
    return line;
  }
}

let server: Server;
beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  server.feed.start();
  server.line.ears.opened();
});

test("it says at once that somebody is here, and again and again", () => {
  vi.advanceTimersByTime(2 * BEAT);
  expect(server.line.heard).toEqual(Array(3).fill('{"type":"heartbeat","visible":true,"idle":0}'));
});

test("whoever looks away says so at once, on an open line only", () => {
  server.visible = false;
  server.idle = 7;
  server.feed.beat();
  expect(server.line.heard.at(-1)).toBe('{"type":"heartbeat","visible":false,"idle":7}');
  server.line.ears.closed(1006);
  server.feed.hurry();
  server.feed.beat();
  expect(server.line.heard).toEqual([]);
});

test("each frame comes to whom it is for, and one that is not known to nobody", () => {
  const frames = [
    { type: "notify", text: "Hello" },
    { type: "notify", text: "Two", notices: [{ id: 8 }, { id: 9 }] },
    { type: "inbox", unread: 3 },
    { type: "telegram", link: null },
    { type: "account", id: 1, name: "Ann" },
    { type: "later" },
    { type: "signed_out" },
  ];
  for (const frame of frames) server.line.ears.frame(JSON.stringify(frame));
  for (const text of ["", "null", "7", "{"]) server.line.ears.frame(text);
  expect(server.told).toEqual(["Hello", "Two 8 9", 3, null, "Ann", "signed out"]);
});

test("what has been shown is acknowledged in bundles that the server takes", () => {
  const ids = Array.from({ length: 101 }, (_, number) => number + 1);
  server.feed.acknowledge(ids);
  const frames = server.line.heard.slice(1).map((text) => JSON.parse(text) as unknown);
  expect(frames).toEqual([
    { type: "ack", notices: ids.slice(0, 100) },
    { type: "ack", notices: [101] },
  ]);
});

test("a line that breaks is opened again, each time later, and then asks for what was missed", () => {
  for (const delay of [500, 1000, 2000, 4000]) {
    const before = server.lines.length;
    server.line.ears.closed(1006);
    vi.advanceTimersByTime(delay - 1);
    expect(server.lines.length).toBe(before);
    vi.advanceTimersByTime(1);
    expect(server.lines.length).toBe(before + 1);
  }
  expect(server.told).toEqual([]);
  server.line.ears.opened();
  expect(server.told).toEqual(["returned"]);
});

test("a broken line says nothing more", () => {
  server.line.ears.closed(1006);
  vi.advanceTimersByTime(10 * BEAT);
  expect(server.lines[0]?.heard).toHaveLength(1);
});

test("it does not wait when the network returns", () => {
  server.line.ears.closed(1006);
  server.feed.hurry();
  expect(server.lines).toHaveLength(2);
  server.line.ears.opened();
  server.feed.hurry();
  expect(server.lines).toHaveLength(2);
});

test("a line that is closed for the want of a session says so, and is tried again until somebody stops it", () => {
  server.line.ears.closed(4401);
  expect(server.told).toEqual(["signed out"]);
  vi.advanceTimersByTime(BEAT);
  expect(server.lines).toHaveLength(2);
});

test("once stopped it is deaf and opens nothing", () => {
  server.feed.stop();
  expect(server.line.open).toBe(false);
  server.line.ears.frame('{"type":"notify","text":"late"}');
  server.line.ears.closed(1006);
  vi.advanceTimersByTime(10 * BEAT);
  expect(server.told).toEqual([]);
  expect(server.lines).toHaveLength(1);
});
