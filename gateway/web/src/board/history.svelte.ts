/** What happened in a team, or to one task: pages of the past, newest first, and what comes while one looks. */
import { call } from "../api/http";
import { inWords } from "../words";
import { known, type PastEvent } from "./events";
import type { BoardStore } from "./store.svelte";

interface Page {
  events: PastEvent[];
  before: number | null;
}

const PAGE = 50;

/** One page of the activity; `before` is a position. */
export async function activity(team: number, limit: number, before: number | null, task?: number): Promise<Page> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (before !== null) query.set("before", String(before));
  if (task !== undefined) query.set("task", String(task));
  const page = await call<Page>("GET", `/api/teams/${team}/activity/?${query}`);
  return { ...page, events: page.events.map(known) };
}

export class History {
  events = $state.raw<PastEvent[]>([]);
  /** Where the next page begins; null when there is none. */
  before = $state<number | null>(null);
  busy = $state(false);
  problem = $state("");
  readonly #deaf: () => void;

  constructor(
    private readonly store: BoardStore,
    private readonly task?: number,
  ) {
    this.#deaf = store.listen((event) => {
      if (task === undefined || ("task" in event && event.task.id === task)) this.#add([event as PastEvent]);
    });
    void this.more();
  }

  close(): void {
    this.#deaf();
  }

  /** Get the next page, or the first. */
  async more(): Promise<void> {
    this.busy = true;
    this.problem = "";
    try {
      const page = await activity(this.store.confirmed.team.id, PAGE, this.before, this.task);
      this.before = page.before;
      this.#add(page.events);
    } catch (error) {
      this.problem = inWords(error);
    } finally {
      this.busy = false;
    }
  }

  #add(events: PastEvent[]): void {
    const all = new Map([...this.events, ...events].map((event) => [event.seq, event]));
    this.events = [...all.values()].sort((a, b) => b.seq - a.seq);
  }
}
