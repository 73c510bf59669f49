/** The cards that were picked out to be changed together. */
import type { Task } from "../api/types";
import { isNew, type Column } from "./view";

export class Selection {
  #ids = $state.raw<ReadonlySet<number>>(new Set());
  /** From here Shift reaches. */
  #anchor: number | null = null;

  /** `shown` are the columns with the cards that the filter leaves: what is not seen is not changed. */
  constructor(private readonly shown: () => readonly Column[]) {}

  readonly tasks: Task[] = $derived.by(() => this.#cards().filter((task) => this.#ids.has(task.id)));

  has(task: number): boolean {
    return this.#ids.has(task);
  }

  toggle(task: number): void {
    const next = new Set(this.#ids);
    if (!next.delete(task)) next.add(task);
    this.#ids = next;
    this.#anchor = task;
  }

  /** Also everything between the last one picked and this one, in the order of the board. */
  reach(task: number): void {
    const order = this.#cards().map((one) => one.id);
    const from = order.indexOf(this.#anchor ?? task);
    const to = order.indexOf(task);
    if (from < 0 || to < 0) return this.toggle(task);
    this.#anchor ??= task;
    this.#ids = new Set([...this.#ids, ...order.slice(Math.min(from, to), Math.max(from, to) + 1)]);
  }

  clear(): void {
    this.#ids = new Set();
    this.#anchor = null;
  }

  #cards(): Task[] {
    return this.shown().flatMap((column) => column.cards.map((card) => card.task).filter((task) => !isNew(task)));
  }
}
