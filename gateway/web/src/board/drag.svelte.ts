/** The card in somebody's hand, whether a pointer or the keyboard holds it. */
import type { Task } from "../api/types";
import { t } from "../i18n/index.svelte";
import { home, isSame, ordinal, step, type Direction, type Place } from "./placement";
import type { BoardStore } from "./store.svelte";
import { findCard, type Column } from "./view";

export interface Ghost {
  x: number;
  y: number;
  width: number;
}

export class Drag {
  task = $state.raw<Task | null>(null);
  place = $state.raw<Place | null>(null);
  /** Where the card hangs under the pointer; null for the keyboard. */
  ghost = $state.raw<Ghost | null>(null);
  announcement = $state("");

  /** `shown` are the columns with the cards that the filter leaves. */
  constructor(
    private readonly store: BoardStore,
    private readonly shown: () => readonly Column[],
  ) {}

  /** Whether letting go now would change anything. */
  readonly moves = $derived.by(
    () => this.task !== null && !isSame(this.place, home(this.shown(), this.task.id)),
  );

  lift(task: Task, ghost: Ghost | null): void {
    this.task = task;
    this.ghost = ghost;
    this.place = home(this.shown(), task.id);
    this.#say("dragLifted");
  }

  over(place: Place, ghost: Ghost): void {
    this.ghost = ghost;
    if (!isSame(place, this.place)) this.place = place;
  }

  step(direction: Direction): void {
    if (!this.task || !this.place) return;
    this.place = step(this.shown(), this.task.id, this.place, direction);
    this.#say("dragMoved");
  }

  drop(): void {
    const { task, place } = this;
    const card = task && findCard(this.store.columns, task.id);
    if (card && place && this.moves) this.store.do({ kind: "move-task", base: card.task, ...place });
    if (place) this.#say("dragDropped");
    this.#letGo();
  }

  cancel(): void {
    if (this.task) this.announcement = t("dragCancelled", { title: this.task.title });
    this.#letGo();
  }

  #letGo(): void {
    this.task = this.place = this.ghost = null;
  }

  #say(key: "dragLifted" | "dragMoved" | "dragDropped"): void {
    const { task, place } = this;
    const list = this.shown().find((column) => column.list.id === place?.list)?.list.name;
    if (!task || !place || list === undefined) return;
    this.announcement = t(key, { title: task.title, list, ...ordinal(this.shown(), task.id, place) });
  }
}
