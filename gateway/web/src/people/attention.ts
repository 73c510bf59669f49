/** Whether somebody sits before this page: when it was last touched. */

export const IDLE = 300_000; // milliseconds; the server takes whoever was still for so long for absent

/** What a person does to a page. It also scrolls by itself, which is why its own `scroll` does not count. */
export const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "touchmove"] as const;

export class Attention {
  #touched: number;

  constructor(private readonly now: () => number) {
    this.#touched = now();
  }

  /** Whole seconds without any input. */
  get idle(): number {
    return Math.max(0, Math.floor((this.now() - this.#touched) / 1000));
  }

  /** Somebody did something; whether they had been idle before. */
  touch(): boolean {
    const wasIdle = this.now() - this.#touched >= IDLE;
    this.#touched = this.now();
    return wasIdle;
  }
}

/** Whether an event is an input: Chromium also says that a pointer moved when the page moved below it. */
export function isInput(event: Event): boolean {
  return event.type !== "pointermove" || (event as PointerEvent).movementX !== 0 || (event as PointerEvent).movementY !== 0;
}
