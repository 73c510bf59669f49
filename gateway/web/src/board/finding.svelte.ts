/** A search among all the tasks that a person may see, page by page. */
import { call } from "../api/http";
import type { Label, Member, MyTeam, TaskResults, TaskView, TeamPage } from "../api/types";
import { inWords } from "../words";
import { toQuery, type Filter } from "./filter";

const PAGE = 50;
const COUNTED = 10_000; // the server counts no further
const REST = 250; // milliseconds without a key before it is asked

export class Finding {
  tasks = $state.raw<TaskView[]>([]);
  count = $state<number | null>(null);
  /** Where the next page begins; null when there is none. */
  cursor = $state<number | null>(null);
  busy = $state(false);
  problem = $state("");
  teams = $state.raw<MyTeam[]>([]);
  members = $state.raw<Member[]>([]);
  labels = $state.raw<Label[]>([]);
  readonly isBounded = $derived((this.count ?? 0) >= COUNTED);
  #query = new URLSearchParams();
  /** An answer to an older question is not shown. */
  #asked = 0;

  constructor(private readonly me: number) {
    void this.#attempt(async () => void (this.teams = (await call<TeamPage>("GET", "/api/teams/?limit=500")).results));
  }

  /** Get the names of one team's people and labels; with null there are none to choose from. */
  async know(team: number | null): Promise<void> {
    [this.members, this.labels] = [[], []];
    if (team === null) return;
    await this.#attempt(async () => {
      const [members, labels] = await Promise.all([
        call<Member[]>("GET", `/api/teams/${team}/members/`),
        call<Label[]>("GET", `/api/teams/${team}/labels/`),
      ]);
      [this.members, this.labels] = [members, labels];
    });
  }

  /** Begin anew, a moment after the last change; the answer calls it off. */
  look(filter: Filter): () => void {
    this.#query = toQuery(filter, this.me);
    const asked = ++this.#asked;
    const timer = setTimeout(() => void this.#fetch(asked, null), REST);
    return () => clearTimeout(timer);
  }

  async more(): Promise<void> {
    await this.#fetch(this.#asked, this.cursor);
  }

  async #fetch(asked: number, cursor: number | null): Promise<void> {
    const query = new URLSearchParams(this.#query);
    query.set("limit", String(PAGE));
    if (cursor !== null) query.set("cursor", String(cursor));
    this.busy = true;
    await this.#attempt(async () => {
      const page = await call<TaskResults>("GET", `/api/tasks/?${query}`);
      if (asked !== this.#asked) return;
      this.tasks = cursor === null ? page.results : [...this.tasks, ...page.results];
      this.count = page.count;
      this.cursor = page.cursor;
    });
    this.busy = false;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.problem = "";
    try {
      await work();
    } catch (error) {
      this.problem = inWords(error);
    }
  }
}
