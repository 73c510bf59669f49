/** The team's socket: replays what was missed, then goes live, and comes back after whatever cuts it off. */
import { isControl, readFrame, type Control, type TeamEvent, type Viewers } from "./events";
import { follows } from "./state";

export type Connection = "connecting" | "live" | "offline";
export type Farewell = "signed-out" | "forbidden" | "not-found";

/** What becomes of an open socket. */
export interface Listener {
  frame(text: string): void;
  closed(code: number): void;
}

export interface LivePorts {
  /** Open a socket; the answer closes it. */
  open(after: number, listener: Listener): () => void;
  /** The position of the confirmed board. */
  have(): number;
  /** The next event, and only that. */
  event(event: TeamEvent): void;
  /** Take a fresh snapshot; false when the line failed. */
  refetch(): Promise<boolean>;
  /** A socket is about to be opened: what was answered before this is part of its replay. */
  opening(): void;
  state(connection: Connection): void;
  /** So many events had been missed while the line was down. */
  caughtUp(events: number): void;
  /** Who has the board open; nobody knows while the line is down. */
  viewers(viewers: Viewers): void;
  /** The server will not have us again. */
  farewell(reason: Farewell): void;
  random(): number;
}

export const SILENCE = 40_000; // milliseconds; the server says its position every 15 s
const FIRST_DELAY = 300;
const LONGEST_DELAY = 10_000;
const FAREWELLS: Record<number, Farewell> = { 4401: "signed-out", 4403: "forbidden", 4404: "not-found" };

export function openSocket(url: string, listener: Listener): () => void {
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => listener.frame(String(data));
  socket.onclose = ({ code }) => listener.closed(code);
  return () => socket.close();
}

export class Live {
  #close: (() => void) | null = null;
  #failures = 0;
  #dropped = false;
  #stopped = false;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: LivePorts) {}

  start(): void {
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    this.#leave();
    clearTimeout(this.#retry);
  }

  /** The network came back, or somebody looks at the page again: do not sit out the delay. */
  hurry(): void {
    if (this.#retry === undefined || this.#stopped) return;
    this.#failures = 0;
    this.#open();
  }

  /** The network is gone for certain. */
  lost(): void {
    if (!this.#stopped && this.#close) this.#again();
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.ports.opening();
    let left = false; // a socket that we left may still speak
    const close = this.ports.open(this.ports.have(), {
      frame: (text) => left || this.#receive(text),
      closed: (code) => left || this.#closed(code),
    });
    this.#close = () => {
      left = true;
      close();
    };
    this.#listen();
  }

  #leave(): void {
    clearTimeout(this.#silence);
    this.#close?.();
    this.#close = null;
  }

  /** Full jitter, so that a gateway that restarts is not met by all its browsers at once. */
  #again(): void {
    this.#leave();
    this.#dropped = true;
    this.ports.state("offline");
    this.ports.viewers({ viewers: [] });
    const most = Math.min(FIRST_DELAY * 2 ** this.#failures++, LONGEST_DELAY);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), FIRST_DELAY + this.ports.random() * (most - FIRST_DELAY));
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#again(), SILENCE);
  }

  #closed(code: number): void {
    const reason = FAREWELLS[code];
    if (!reason) return this.#again();
    this.stop();
    this.ports.farewell(reason);
  }

  #receive(text: string): void {
    this.#listen();
    const frame = readFrame(text);
    if (frame === null) return;
    if (isControl(frame)) this.#control(frame);
    else this.#event(frame);
  }

  #event(event: TeamEvent): void {
    const place = follows(event.seq, this.ports.have());
    if (place === "next") this.ports.event(event);
    else if (place === "hole") this.#again();
  }

  #control(frame: Control): void {
    switch (frame.type) {
      case "ready":
        if (frame.seq > this.ports.have()) return this.#again();
        this.#failures = 0;
        this.#dropped = false;
        return this.ports.state("live");
      case "position":
        if (frame.seq > this.ports.have()) this.#again();
        return;
      case "recovered": {
        const missed = frame.to - this.ports.have(); // what we have of it is dropped as it comes
        if (this.#dropped && missed > 0) this.ports.caughtUp(missed);
        return;
      }
      case "viewers":
        return this.ports.viewers(frame);
      case "reset":
        void this.#startOver();
    }
  }

  async #startOver(): Promise<void> {
    this.#leave();
    const before = this.ports.have();
    const fresh = await this.ports.refetch();
    if (this.#stopped) return;
    if (!fresh) return this.#again();
    const missed = this.ports.have() - before;
    if (this.#dropped && missed > 0) this.ports.caughtUp(missed);
    this.#open();
  }
}
