/** Turns what the server tells at once into toasts, and says which have been seen. */
import type { Notice } from "../api/notices";
import type { Notify } from "../people/feed";

/** One toast: a notice, or several with a heading. */
export interface Told {
  text: string;
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
    const told = { text, notices, count: notices.length + more };
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

  /** One toast in place of several: how many there are, and what the newest say. */
  #together(told: Told[]): Told {
    const count = told.reduce((sum, one) => sum + one.count, 0);
    const lines = told.flatMap((one) => one.text.split("\n").slice(one.count > 1 ? 1 : 0));
    return {
      text: [this.ports.heading(count), ...lines.slice(-LINES)].join("\n"),
      notices: told.flatMap((one) => one.notices),
      count,
    };
  }
}
