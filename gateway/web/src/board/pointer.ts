/** Lifting a card with a mouse, a pen or a finger. A finger has to rest first, or it scrolls. */
import type { Attachment } from "svelte/attachments";
import type { Task } from "../api/types";
import type { Drag, Ghost } from "./drag.svelte";
import { placeAt } from "./hit";

const SLACK = 5; // pixels
const REST = 280; // milliseconds
const EDGE = 56; // pixels from the edge at which the board begins to scroll
const STEP = 14; // pixels a frame

/** Make a card liftable. `task` gives undefined while it may not be. */
export function liftable(drag: Drag, task: () => Task | undefined): Attachment<HTMLElement> {
  return (node) => {
    const down = (event: PointerEvent): void => {
      const held = task();
      const onControl = event.target instanceof Element && event.target.closest("button, input, a") !== null;
      if (held && event.button === 0 && event.isPrimary && !onControl) new Hold(node, drag, held, event);
    };
    node.addEventListener("pointerdown", down);
    return () => node.removeEventListener("pointerdown", down);
  };
}

/** One press of a pointer on a card, until it is let go. */
class Hold {
  readonly #over = new AbortController();
  readonly #rest: ReturnType<typeof setTimeout> | undefined;
  #lifted = false;
  readonly #box: DOMRect;
  #x: number;
  #y: number;

  constructor(
    node: HTMLElement,
    private readonly drag: Drag,
    private readonly task: Task,
    private readonly start: PointerEvent,
  ) {
    this.#box = node.getBoundingClientRect();
    this.#x = start.clientX;
    this.#y = start.clientY;
    const options = { signal: this.#over.signal };
    window.addEventListener("pointermove", (event) => this.#move(event), options);
    window.addEventListener("pointerup", (event) => this.#up(event), options);
    window.addEventListener("pointercancel", () => this.#cancel(), options);
    window.addEventListener("keydown", (event) => event.key === "Escape" && this.#cancel(), options);
    window.addEventListener("touchmove", (event) => this.#lifted && event.preventDefault(), { ...options, passive: false });
    node.addEventListener("contextmenu", (event) => this.#touch && event.preventDefault(), options);
    if (this.#touch) this.#rest = setTimeout(() => this.#lift(), REST);
  }

  get #touch(): boolean {
    return this.start.pointerType === "touch";
  }

  #move(event: PointerEvent): void {
    this.#x = event.clientX;
    this.#y = event.clientY;
    if (!this.#lifted && Math.hypot(this.#x - this.start.clientX, this.#y - this.start.clientY) > SLACK) {
      if (this.#touch) return this.#end();
      this.#lift();
    }
    if (this.#lifted) this.#hover();
  }

  #lift(): void {
    this.#lifted = true;
    this.drag.lift(this.task, this.#ghost());
    getSelection()?.removeAllRanges();
    requestAnimationFrame(() => this.#scroll());
  }

  /** It hangs where it was taken hold of. */
  #ghost(): Ghost {
    const { left, top, width } = this.#box;
    return { x: left + this.#x - this.start.clientX, y: top + this.#y - this.start.clientY, width };
  }

  #hover(): void {
    const place = placeAt(this.#x, this.#y, this.task.id);
    if (place) this.drag.over(place, this.#ghost());
  }

  #up(event: PointerEvent): void {
    if (this.#lifted) {
      this.#move(event);
      this.drag.drop();
      swallowClick();
    }
    this.#end();
  }

  #cancel(): void {
    if (this.#lifted) this.drag.cancel();
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#rest);
    this.#over.abort();
  }

  /** Scroll the board and the list under the pointer while it is at their edges. */
  #scroll(): void {
    if (this.#over.signal.aborted) return;
    const list = document.elementFromPoint(this.#x, this.#y)?.closest<HTMLElement>("[data-scroll]");
    const board = document.querySelector<HTMLElement>("[data-board]");
    board?.scrollBy(push(this.#x, board.getBoundingClientRect().left, board.getBoundingClientRect().right), 0);
    list?.scrollBy(0, push(this.#y, list.getBoundingClientRect().top, list.getBoundingClientRect().bottom));
    this.#hover();
    requestAnimationFrame(() => this.#scroll());
  }
}

function push(at: number, from: number, to: number): number {
  if (at < from + EDGE) return -STEP;
  return at > to - EDGE ? STEP : 0;
}

/** The click that ends a drag opens nothing. */
function swallowClick(): void {
  const stop = (event: Event): void => event.stopPropagation();
  window.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", stop, { capture: true }));
}
