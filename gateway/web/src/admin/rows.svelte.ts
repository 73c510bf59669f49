/** One page of a table: what was asked for, what came, and the way to the pages beside it. */
import { call } from "../api/http";
import { inWords } from "../words";
import type { Row, Table } from "./table";

export const PAGE = 25; // rows

/** Most tables are counted and read from an offset; what only grows is read from an entry backwards. */
interface Answer {
  count?: number;
  results?: Row[];
  entries?: Row[];
  deliveries?: Row[];
  before?: number | null;
}

export class Rows {
  rows = $state.raw<Row[]>([]);
  /** How many there are in all, where that is known. */
  count = $state.raw<number | null>(null);
  problem = $state("");
  /** False before the first answer. */
  known = $state(false);
  asked = $state<Record<string, string>>({});
  /** Where the pages up to this one begin; the last is the one that is shown. */
  #starts = $state.raw<string[]>([""]);
  #next = $state.raw<string | null>(null);
  #latest = 0;

  constructor(readonly table: Table) {
    for (const { name, choices } of table.filters) this.asked[name] = choices?.[0]?.[0] ?? "";
  }

  get hasNext(): boolean {
    return this.#next !== null;
  }

  get hasPrevious(): boolean {
    return this.#starts.length > 1;
  }

  /** From the first page on: something else is asked for. */
  search(): Promise<void> {
    this.#starts = [""];
    return this.load();
  }

  next(): Promise<void> {
    if (this.#next !== null) this.#starts = [...this.#starts, this.#next];
    return this.load();
  }

  previous(): Promise<void> {
    if (this.hasPrevious) this.#starts = this.#starts.slice(0, -1);
    return this.load();
  }

  /** Ask again for the page that is shown. Of several questions, only the last one's answer counts. */
  async load(): Promise<void> {
    const mine = ++this.#latest;
    try {
      const answer = await call<Answer>("GET", this.#address());
      if (mine === this.#latest) this.#take(answer);
    } catch (error) {
      if (mine === this.#latest) this.problem = inWords(error);
    }
  }

  #address(): string {
    const query = new URLSearchParams({ limit: String(PAGE) });
    for (const [name, value] of Object.entries(this.asked)) if (value.trim()) query.set(name, value.trim());
    const start = this.#starts.at(-1);
    return `${this.table.path}?${query}${start ? `&${start}` : ""}`;
  }

  #take(answer: Answer): void {
    const shown = (this.#starts.length - 1) * PAGE;
    this.rows = answer.results ?? answer.entries ?? answer.deliveries ?? [];
    this.count = answer.count ?? null;
    if (answer.count !== undefined) this.#next = shown + PAGE < answer.count ? `offset=${shown + PAGE}` : null;
    else this.#next = answer.before ? `before=${answer.before}` : null;
    this.problem = "";
    this.known = true;
  }
}
