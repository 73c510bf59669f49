/** One request after another: what was chosen later is also stored later. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Do it when all before it is done, however that went; whether it is the last so far when it is done itself. */
  async take(work: () => Promise<void>): Promise<boolean> {
    this.#waiting += 1;
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    try {
      await mine;
    } finally {
      this.#waiting -= 1;
    }
    return this.#waiting === 0;
  }
}
