/** The last refusal in one part of a page, and whether it waits for an answer. */
import { inWords } from "./words";

export class Attempt {
  problem = $state("");
  #running = $state(0);

  get busy(): boolean {
    return this.#running > 0;
  }

  /** Do it; whether it worked. If not, `problem` says why. */
  async run(work: () => Promise<void>): Promise<boolean> {
    this.problem = "";
    this.#running += 1;
    try {
      await work();
      return true;
    } catch (error) {
      this.problem = inWords(error);
      return false;
    } finally {
      this.#running -= 1;
    }
  }
}
