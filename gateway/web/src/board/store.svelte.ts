/** One open board: the confirmed state, what is pending on top of it, and the lines to the server. */
import { call, newKey, Refused } from "../api/http";
import type { Board, Me, Role, Task, TaskList } from "../api/types";
import { t } from "../i18n/index.svelte";
import { toasts } from "../toasts.svelte";
import type { TeamEvent } from "./events";
import { Live, openSocket, type Connection, type Farewell } from "./live";
import type { Operation } from "./operations";
import { Outbox } from "./outbox";
import type { PendingList } from "./pending";
import { apply, fromSnapshot, type Confirmed } from "./state";
import { columnsOf, type Column } from "./view";

const RANKS: Role[] = ["viewer", "member", "admin", "owner"];
const FRAME = 16; // milliseconds: a burst of events is drawn once

export class BoardStore {
  confirmed = $state.raw() as Confirmed;
  connection = $state<Connection>("connecting");
  #pending = $state.raw<PendingList>([]);
  readonly columns: Column[] = $derived(columnsOf(this.confirmed, this.#pending));
  readonly members = $derived([...this.confirmed.members.values()].sort((a, b) => a.name.localeCompare(b.name)));
  readonly waiting = $derived(this.#pending.filter((one) => one.state === "waiting").length);

  readonly #outbox: Outbox;
  readonly #live: Live;
  #latest: Confirmed;
  #mark = 0;
  #frame: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    board: Board,
    readonly me: Me,
    private readonly farewell: (reason: Farewell) => void,
  ) {
    this.confirmed = this.#latest = fromSnapshot(board, me.id);
    this.#outbox = new Outbox({
      send: ({ method, path, body }, key) => call(method, path, body, key),
      newKey,
      board: () => this.#latest,
      changed: () => this.#show(),
      refused: (op, problem, current) => this.#refused(op, problem.detail, current),
      gaveUp: () => toasts.show(t("gaveUp"), { tone: "bad" }),
    });
    this.#live = new Live(this.#livePorts());
  }

  /** Take the snapshot and go live. */
  static async open(team: number, me: Me, farewell: (reason: Farewell) => void): Promise<BoardStore> {
    const store = new BoardStore(await call<Board>("GET", `/api/teams/${team}/board/`), me, farewell);
    store.#live.start();
    window.addEventListener("online", store.#online);
    window.addEventListener("offline", store.#offline);
    document.addEventListener("visibilitychange", store.#seen);
    return store;
  }

  close(): void {
    window.removeEventListener("online", this.#online);
    window.removeEventListener("offline", this.#offline);
    document.removeEventListener("visibilitychange", this.#seen);
    clearTimeout(this.#frame);
    this.#live.stop();
    this.#outbox.close();
  }

  /** Whether the person may do what at least this role may. */
  may(role: Role): boolean {
    return RANKS.indexOf(this.confirmed.team.role) >= RANKS.indexOf(role);
  }

  do(op: Operation): void {
    this.#outbox.add(op);
  }

  #livePorts(): ConstructorParameters<typeof Live>[0] {
    const team = this.#latest.team.id;
    const origin = location.origin.replace(/^http/, "ws");
    return {
      open: (after, listener) => openSocket(`${origin}/ws/team/${team}/?after=${after}`, listener),
      have: () => this.#latest.seq,
      event: (event) => this.#event(event),
      refetch: () => this.#refetch(team),
      opening: () => (this.#mark = this.#outbox.mark()),
      state: (connection) => this.#connected(connection),
      caughtUp: (events) => toasts.show(t("caughtUp", { count: events })),
      farewell: this.farewell,
      random: Math.random,
    };
  }

  #event(event: TeamEvent): void {
    this.#latest = apply(this.#latest, event);
    this.#outbox.applied(event, this.#latest);
    this.#frame ??= setTimeout(() => this.#show(), FRAME);
  }

  async #refetch(team: number): Promise<boolean> {
    const mark = this.#outbox.mark();
    try {
      this.#latest = fromSnapshot(await call<Board>("GET", `/api/teams/${team}/board/`), this.me.id);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.farewell("not-found");
      return false;
    }
    this.#outbox.inStep(mark);
    this.#show();
    return true;
  }

  /** Confirmed and pending are shown together, so that what is confirmed never shows twice or not at all. */
  #show(): void {
    clearTimeout(this.#frame);
    this.#frame = undefined;
    this.confirmed = this.#latest;
    this.#pending = this.#outbox.list;
  }

  #connected(connection: Connection): void {
    this.connection = connection;
    if (connection !== "live") return this.#outbox.hold();
    this.#outbox.inStep(this.#mark);
    this.#show();
    this.#outbox.wake();
  }

  #refused(op: Operation, detail: string, current: Task | TaskList | null): void {
    if (!current) return toasts.show(detail, { tone: "bad" });
    const mine = op.kind === "edit-task" ? { ...op, base: current as Task } : null;
    const action = mine && { label: t("keepMine"), run: () => this.do(mine) };
    toasts.show(t("changedMeanwhile", { title: (current as Task).title }), { tone: "bad", ...(action && { action }) });
  }

  /** What waits is sent once the board is in step again: it then goes out with the versions of today. */
  readonly #online = (): void => this.#live.hurry();
  readonly #offline = (): void => this.#live.lost();
  readonly #seen = (): void => {
    if (document.visibilityState === "visible") this.#live.hurry();
  };
}
