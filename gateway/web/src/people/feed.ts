/** The socket of the person, `/ws/user/`: what concerns them, whichever page they look at. */
import type { Notice } from "../api/notices";
import type { Account, TelegramLink } from "../api/people";

/** An open socket, seen from here. */
export interface Line {
  send(text: string): void;
  close(): void;
}

export interface Ears {
  opened(): void;
  frame(text: string): void;
  closed(code: number): void;
}

/** Something to show over the page; older servers send only the text, and an empty one is for the inbox alone. */
export interface Notify {
  text: string;
  notices?: Notice[];
  /** So many others besides. */
  more?: number;
  unread?: number;
}

export interface FeedPorts {
  open(ears: Ears): Line;
  notify(told: Notify): void;
  /** So many notices are unread now. */
  inbox(unread: number): void;
  telegram(link: TelegramLink | null): void;
  account(me: Account): void;
  /** The session is said to be over; whoever finds it so stops this. */
  signedOut(): void;
  /** The line had been down: something may have been missed. */
  returned(): void;
  /** Whether somebody can see the page. */
  visible(): boolean;
  /** Seconds since somebody last touched the page. */
  idle(): number;
  random(): number;
}

type Frame =
  | ({ type: "notify" } & Notify)
  | { type: "inbox"; unread: number }
  | { type: "telegram"; link: TelegramLink | null }
  | ({ type: "account" } & Account)
  | { type: "signed_out" };

export const BEAT = 20_000; // milliseconds; the server takes 30 s without one for absence
const ACKNOWLEDGED_AT_ONCE = 100;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
const SIGNED_OUT = 4401;

export class Feed {
  #line: Line | null = null;
  #beat: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #stopped = false;

  constructor(private readonly ports: FeedPorts) {}

  start(): void {
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#leave();
  }

  /** The network came back: do not sit out the delay. */
  hurry(): void {
    if (this.#retry !== undefined && !this.#stopped) this.#open();
  }

  /** Say that somebody is here, whether they see the page, and when they last touched it. */
  beat(): void {
    this.#say({ type: "heartbeat", visible: this.ports.visible(), idle: this.ports.idle() });
  }

  /** These notices have been shown. Without a line nobody hears it, and they go elsewhere too. */
  acknowledge(notices: number[]): void {
    for (let from = 0; from < notices.length; from += ACKNOWLEDGED_AT_ONCE) {
      this.#say({ type: "ack", notices: notices.slice(from, from + ACKNOWLEDGED_AT_ONCE) });
    }
  }

  #say(frame: object): void {
    if (this.#beat !== undefined) this.#line?.send(JSON.stringify(frame));
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#line = this.ports.open({
      opened: () => this.#stopped || this.#opened(),
      frame: (text) => this.#stopped || this.#receive(text),
      closed: (code) => this.#stopped || this.#closed(code),
    });
  }

  #opened(): void {
    if (this.#failures > 0) this.ports.returned();
    this.#failures = 0;
    this.#beat = setInterval(() => this.beat(), BEAT);
    this.beat();
  }

  #closed(code: number): void {
    this.#leave();
    if (code === SIGNED_OUT) this.ports.signedOut();
    const most = Math.min(FIRST_DELAY * 2 ** this.#failures++, LONGEST_DELAY);
    this.#retry = setTimeout(() => this.#open(), FIRST_DELAY + this.ports.random() * (most - FIRST_DELAY));
  }

  #leave(): void {
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#line?.close();
    this.#line = null;
  }

  #receive(text: string): void {
    const frame = readFrame(text);
    if (frame?.type === "notify") this.ports.notify(frame);
    else if (frame?.type === "inbox") this.ports.inbox(frame.unread);
    else if (frame?.type === "telegram") this.ports.telegram(frame.link);
    else if (frame?.type === "account") this.ports.account(frame);
    else if (frame?.type === "signed_out") this.ports.signedOut();
  }
}

/** Null for what is not a frame of ours; a later server may send others. */
function readFrame(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "type" in value ? (value as Frame) : null;
  } catch {
    return null;
  }
}
