/** What a person missed since they last left a board, and telling the server when they leave. */
import { call, tell } from "../api/http";
import type { Visit } from "../api/types";
import { activity } from "./history.svelte";
import type { BoardStore } from "./store.svelte";

export interface Missed {
  /** What is newer than this position was missed. */
  since: number;
  at: string;
  /** Changes by others, as commands: what one did at once is one. */
  count: number;
  /** There are more than were counted. */
  more: boolean;
}

const COUNTED = 200;
const AWAY = 60_000; // milliseconds out of sight that count as having been away

export class Visits {
  missed = $state.raw<Missed | null>(null);
  #left: { at: number; seq: number } | null = null;

  constructor(private readonly store: BoardStore) {}

  /** Look what happened since the last visit. Nothing depends on it: without an answer there is no banner. */
  async arrive(): Promise<void> {
    const visit = await call<Visit>("GET", this.#path).catch(() => null);
    if (visit?.at) await this.#look(visit.seq, visit.at);
  }

  /** Out of sight, or going elsewhere. */
  leave(): void {
    if (this.store.leaving) return;
    const seq = this.store.seen;
    if (seq === null) return;
    this.#left = { at: Date.now(), seq };
    tell(this.#path, { seq });
  }

  /** In sight again. */
  async back(): Promise<void> {
    const left = this.#left;
    this.#left = null;
    if (left && Date.now() - left.at >= AWAY) await this.#look(left.seq, new Date(left.at).toISOString());
  }

  get #path(): string {
    return `/api/teams/${this.store.confirmed.team.id}/visit/`;
  }

  async #look(since: number, at: string): Promise<void> {
    const { id } = this.store.confirmed.team;
    const page = await activity(id, COUNTED, null).catch(() => null);
    if (!page) return;
    const theirs = page.events.filter((event) => event.seq > since && event.by !== null && event.by !== this.store.me.id);
    const count = new Set(theirs.map((event) => event.change)).size;
    const more = page.before !== null && page.before > since + 1;
    this.missed = count > 0 ? { since, at, count, more } : null;
  }
}
