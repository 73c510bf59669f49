/** What is said about one task: fetched once, kept up by the team's events. */
import { call, newKey } from "../api/http";
import type { Comment, CommentPage } from "../api/types";
import { t } from "../i18n/index.svelte";
import { inWords } from "../words";
import type { TeamEvent } from "./events";
import type { BoardStore } from "./store.svelte";

const PAGE = 200;

/** Something that is on its way to the server. */
export interface Saying {
  key: string;
  text: string;
}

export class Thread {
  comments = $state.raw<Comment[]>([]);
  saying = $state.raw<Saying[]>([]);
  problem = $state("");
  loaded = $state(false);
  readonly #deaf: () => void;
  readonly #known = new Map<number, Comment>();
  /** The key under which a text was sent that no answer came to: sent again, it is said once. */
  #unsure: Saying | undefined;

  constructor(
    private readonly store: BoardStore,
    private readonly task: number,
  ) {
    this.#deaf = store.listen((event) => this.#hear(event));
  }

  close(): void {
    this.#deaf();
  }

  async load(): Promise<void> {
    this.problem = "";
    try {
      for (let after: number | undefined; ; ) {
        const query = new URLSearchParams({ limit: String(PAGE), ...(after && { after: String(after) }) });
        const { comments } = await call<CommentPage>("GET", `/api/tasks/${this.task}/comments/?${query}`);
        for (const comment of comments) this.#learn(comment);
        after = comments.at(-1)?.id;
        if (comments.length < PAGE) break;
      }
      this.loaded = true;
    } catch (error) {
      this.problem = inWords(error);
    }
    this.#show();
  }

  /** Say something; whether the server took it. It is shown at once. */
  async say(text: string): Promise<boolean> {
    const saying = this.#unsure?.text === text ? this.#unsure : { key: newKey(), text };
    this.saying = [...this.saying, saying];
    this.#unsure = saying;
    const done = await this.#ask(async () => {
      this.#learn(await call<Comment>("POST", `/api/tasks/${this.task}/comments/`, { text }, saying.key));
    });
    if (done) this.#unsure = undefined;
    this.saying = this.saying.filter((one) => one !== saying);
    return done;
  }

  edit(comment: Comment, text: string): Promise<boolean> {
    const body = { text, version: comment.version };
    return this.#ask(async () => this.#learn(await call("PATCH", `/api/comments/${comment.id}/`, body, newKey())));
  }

  async remove(comment: Comment): Promise<void> {
    const done = await this.#ask(async () => {
      await call("DELETE", `/api/comments/${comment.id}/`, undefined, newKey());
      this.#learn({ ...comment, version: comment.version + 1, deleted_at: new Date().toISOString() });
    });
    if (done) this.store.offerUndo(t("commentDeleted"));
  }

  async #ask(change: () => Promise<void>): Promise<boolean> {
    this.problem = "";
    this.store.offerUndo(null);
    try {
      await change();
      return true;
    } catch (error) {
      this.problem = inWords(error);
      return false;
    } finally {
      this.#show();
    }
  }

  #hear(event: TeamEvent): void {
    if (!("comment" in event) || event.task.id !== this.task) return;
    this.#learn(event.comment);
    this.#show();
  }

  /** Events, pages and answers may overtake each other: the latest version of each comment holds. */
  #learn(comment: Comment): void {
    const have = this.#known.get(comment.id);
    if (!have || have.version < comment.version) this.#known.set(comment.id, comment);
  }

  #show(): void {
    const standing = [...this.#known.values()].filter((comment) => comment.deleted_at === null);
    this.comments = standing.sort((a, b) => a.id - b.id);
  }
}
