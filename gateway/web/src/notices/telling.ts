/** Turns what the server tells at once into toasts, and says which have been seen. */
import type { Notice } from "../api/notices";
import type { Notify } from "../people/feed";

/** One toast: a notice, or several with a heading. */
export interface Told {
  text: string;
  /** What it says of each notice that it names. */
  lines: string[];
  notices: Notice[];
  /** How many it tells of, with those that it does not name. */
  count: number;
}

export interface TellingPorts {
  /** Whether somebody can see the page. */
  visible(): boolean;
  /** Show it; the answer names it. */
  show(told: Told): number;
  isShown(toast: number): boolean;
  close(toast: number): void;
  acknowledge(notices: number[]): void;
  /** The heading of so many notices. */
  heading(count: number): string;
  now(): number;
}

/** So long the server waits for an acknowledgement; what was told before is somewhere else by now. */
export const PATIENCE = 5_000; // milliseconds
const TOASTS = 2; // more become one
const LINES = 3;

export class Telling {
  #held: { told: Told; at: number }[] = [];
  #shown: { toast: number; told: Told }[] = [];

  constructor(private readonly ports: TellingPorts) {}

  hear({ text, notices = [], more = 0 }: Notify): void {
    if (!text) return;
    const told = toldOf(text, notices, more);
    if (this.ports.visible() || notices.length === 0) this.#show(told);
    else this.#held.push({ told, at: this.ports.now() });
  }

  /** Somebody looks at the page again. */
  looked(): void {
    const held = this.#held;
    this.#held = [];
    for (const { told, at } of held) if (this.ports.now() - at < PATIENCE) this.#show(told);
  }

  #show(told: Told): void {
    const others = this.#shown.filter(({ toast }) => this.ports.isShown(toast));
    if (told.count > 0 && others.length >= TOASTS) {
      for (const { toast } of others) this.ports.close(toast);
      const all = this.#together([...others.map((other) => other.told), told]);
      this.#shown = [{ toast: this.ports.show(all), told: all }];
    } else {
      const toast = this.ports.show(told);
      this.#shown = told.count > 0 ? [...others, { toast, told }] : others;
    }
    if (told.notices.length > 0) this.ports.acknowledge(told.notices.map((notice) => notice.id));
  }

  /** One toast in place of several. */
  #together(told: Told[]): Told {
    const count = told.reduce((sum, one) => sum + one.count, 0);
    const lines = told.flatMap((one) => one.lines);
    return { text: listed(this.ports.heading(count), lines), lines, notices: told.flatMap((one) => one.notices), count };
  }
}

/** Of several, the server says first how many they are, then what each is, and last how many others there are. */
function toldOf(text: string, notices: Notice[], more: number): Told {
  const count = notices.length + more;
  if (count < 2) return { text, lines: [text], notices, count };
  const [heading = "", ...rest] = text.split("\n");
  const lines = rest.slice(0, notices.length);
  return { text: listed(heading, lines), lines, notices, count };
}

/** A heading, and below it the newest. */
const listed = (heading: string, lines: string[]): string =>
  [heading, ...lines.slice(-LINES).map((line) => `• ${line}`)].join("\n");
