/** What is not on the board: the archive and the trash, fetched when somebody looks, kept up by events. */
import { call } from "../api/http";
import type { Task, TaskList, TaskResults, Trash } from "../api/types";
import { inWords } from "../words";
import type { TeamEvent } from "./events";
import type { BoardStore } from "./store.svelte";

const PAGE = 200;
const ENOUGH = 30; // tasks that one look at the archive should find

export class Away {
  #tasks = $state.raw<ReadonlyMap<number, Task>>(new Map());
  #lists = $state.raw<ReadonlyMap<number, TaskList>>(new Map());
  /** The next page of the archive; null when there is none. */
  cursor = $state<number | null>(null);
  busy = $state(false);
  problem = $state("");
  readonly #deaf: () => void;

  readonly archive: Task[] = $derived(
    this.#newest((task) => (task.deleted_at === null ? task.archived_at : null)),
  );
  readonly trash: Task[] = $derived(this.#newest((task) => task.deleted_at));
  readonly lists: TaskList[] = $derived([...this.#lists.values()]);

  constructor(private readonly store: BoardStore) {
    this.#deaf = store.listen((event) => this.#hear(event));
  }

  close(): void {
    this.#deaf();
  }

  async openTrash(): Promise<void> {
    await this.#fetch(async () => {
      const { lists, tasks } = await call<Trash>("GET", `/api/teams/${this.store.confirmed.team.id}/trash/`);
      this.#put(tasks);
      this.#lists = new Map(lists.map((list) => [list.id, list]));
    });
  }

  /** The server tells what is archived among what is not: look on until there is something to show. */
  async moreArchive(): Promise<void> {
    await this.#fetch(async () => {
      const least = this.archive.length + ENOUGH;
      do this.#put(await this.#page());
      while (this.cursor !== null && this.archive.length < least);
    });
  }

  async #page(): Promise<Task[]> {
    const query = new URLSearchParams({ team: String(this.store.confirmed.team.id), archived: "true", limit: String(PAGE) });
    if (this.cursor !== null) query.set("cursor", String(this.cursor));
    const page = await call<TaskResults>("GET", `/api/tasks/?${query}`);
    this.cursor = page.cursor;
    return page.results.filter((task) => task.archived_at !== null);
  }

  async #fetch(work: () => Promise<void>): Promise<void> {
    this.problem = "";
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.problem = inWords(error);
    } finally {
      this.busy = false;
    }
  }

  #hear(event: TeamEvent): void {
    if ("task" in event) this.#put([event.task]);
    if (event.type === "list.deleted") this.#lists = new Map(this.#lists).set(event.list.id, event.list);
    if (event.type === "list.restored") this.#lists = new Map([...this.#lists].filter(([id]) => id !== event.list.id));
  }

  #put(tasks: Task[]): void {
    const next = new Map(this.#tasks);
    for (const task of tasks) next.set(task.id, task);
    this.#tasks = next;
  }

  /** Those that are away at all, by when they went. */
  #newest(away: (task: Task) => string | null): Task[] {
    const there = [...this.#tasks.values()].filter((task) => away(task) !== null);
    return there.sort((a, b) => String(away(b)).localeCompare(String(away(a))));
  }
}
