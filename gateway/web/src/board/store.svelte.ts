/** One open board: the confirmed state, what is pending on top of it, and the lines to the server. */
import { call, newKey, Refused } from "../api/http";
import type { Board, Me, Role, Task } from "../api/types";
import { t } from "../i18n/index.svelte";
import { toasts } from "../toasts.svelte";
import type { TeamEvent, Viewers } from "./events";
import { Live, openSocket, type Connection, type Farewell } from "./live";
import type { Operation } from "./operations";
import { Outbox } from "./outbox";
import type { PendingList } from "./pending";
import { refusalOf, said } from "./said";
import { apply, fromSnapshot, type Confirmed } from "./state";
import { columnsOf, labelsOf, type Column } from "./view";

const RANKS: Role[] = ["viewer", "member", "admin", "owner"];
const FRAME = 16; // milliseconds: a burst of events is drawn once
const CHANGE = "change"; // the toast about one's own last change

export class BoardStore {
  confirmed = $state.raw() as Confirmed;
  connection = $state<Connection>("connecting");
  /** Who else has the board open. */
  viewers = $state.raw<Viewers>({ viewers: [] });
  /** Counts the fresh snapshots: what was fetched beside an older one may have missed something. */
  epoch = $state(0);
  /** The person is out, or about to leave: neither need they be told so, nor the server where they stopped reading. */
  leaving = false;
  #pending = $state.raw<PendingList>([]);
  readonly columns: Column[] = $derived(columnsOf(this.confirmed, this.#pending));
  readonly members = $derived([...this.confirmed.members.values()].sort((a, b) => a.name.localeCompare(b.name)));
  readonly labels = $derived(labelsOf(this.confirmed));
  readonly unsaved = $derived(this.#pending.length);
  readonly waiting = $derived(this.#pending.filter((one) => one.state === "waiting").length);

  readonly #outbox: Outbox;
  readonly #live: Live;
  readonly #ears = new Set<(event: TeamEvent) => void>();
  #latest: Confirmed;
  #over = false;
  #mark = 0;
  #frame: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    board: Board,
    readonly me: Me,
    private readonly farewell: (reason: Farewell) => void,
    /** The moment of a board of the past, which nobody can change; null for the living one. */
    readonly at: string | null = null,
  ) {
    this.confirmed = this.#latest = fromSnapshot(board, me.id);
    this.#outbox = new Outbox({
      send: ({ method, path, body }, key) => call(method, path, body, key),
      newKey,
      board: () => this.#latest,
      changed: () => this.#show(),
      done: (op) => op.kind === "undo" && toasts.show(t("undone"), { topic: CHANGE }),
      refused: (op, problem, current) => this.#refused(op, refusalOf(op, problem, this.#latest), current),
      gaveUp: () => toasts.show(t("gaveUp"), { tone: "bad", topic: CHANGE }),
    });
    this.#live = new Live(this.#livePorts());
  }

  /** Take the snapshot and go live. */
  static async open(team: number, me: Me, farewell: (reason: Farewell) => void): Promise<BoardStore> {
    const store = new BoardStore(await call<Board>("GET", `/api/teams/${team}/board/`), me, farewell);
    store.#live.start();
    window.addEventListener("online", store.#online);
    window.addEventListener("offline", store.#offline);
    document.addEventListener("visibilitychange", store.#looked);
    return store;
  }

  /** The board as it was at a moment: only to be looked at. */
  static async past(team: number, at: string, me: Me): Promise<BoardStore> {
    const board = await call<Board>("GET", `/api/teams/${team}/board/?at=${encodeURIComponent(at)}`);
    return new BoardStore(board, me, () => undefined, at);
  }

  close(): void {
    window.removeEventListener("online", this.#online);
    window.removeEventListener("offline", this.#offline);
    document.removeEventListener("visibilitychange", this.#looked);
    clearTimeout(this.#frame);
    this.#live.stop();
    this.#outbox.close();
    toasts.close(CHANGE);
  }

  /** The position up to which the person has seen all; null when the server lets them see no more. */
  get seen(): number | null {
    return this.#over ? null : this.#latest.seq;
  }

  /** Whether the person may do what at least this role may. */
  may(role: Role): boolean {
    return this.at === null && RANKS.indexOf(this.confirmed.team.role) >= RANKS.indexOf(role);
  }

  do(op: Operation): void {
    this.#outbox.add(op);
    this.offerUndo(said(op, this.confirmed));
  }

  /** Say what was done and offer to take it back; null when there is nothing to say of the last change. */
  offerUndo(text: string | null): void {
    if (text === null) return toasts.close(CHANGE);
    toasts.show(text, { topic: CHANGE, action: { label: t("undo"), run: () => this.undo() } });
  }

  /** Take one's last change back, when all that was done before has been sent. */
  undo(): void {
    this.do({ kind: "undo", team: this.confirmed.team.id });
  }

  /** Hear every event from now on; the answer ends it. */
  listen(ear: (event: TeamEvent) => void): () => void {
    this.#ears.add(ear);
    return () => this.#ears.delete(ear);
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
      viewers: ({ viewers, more = 0 }) => (this.viewers = { viewers: viewers.filter(({ user }) => user !== this.me.id), more }),
      farewell: (reason) => this.#part(reason),
      random: Math.random,
    };
  }

  #event(event: TeamEvent): void {
    this.#latest = apply(this.#latest, event);
    this.#outbox.applied(event, this.#latest);
    this.#frame ??= setTimeout(() => this.#show(), FRAME);
    for (const ear of this.#ears) ear(event);
  }

  async #refetch(team: number): Promise<boolean> {
    const mark = this.#outbox.mark();
    try {
      this.#latest = fromSnapshot(await call<Board>("GET", `/api/teams/${team}/board/`), this.me.id);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.#part("not-found");
      return false;
    }
    this.#outbox.inStep(mark);
    this.#show();
    this.epoch++;
    return true;
  }

  #part(reason: Farewell): void {
    this.#over = true;
    this.farewell(reason);
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

  #refused(op: Operation, why: string, current: Task | null): void {
    if (!current) return void toasts.show(why, { tone: "bad", topic: CHANGE });
    toasts.close(CHANGE); // its button would take back an earlier change
    const mine = op.kind === "edit-task" ? { ...op, base: current } : null;
    const action = mine && { label: t("keepMine"), run: () => this.do(mine) };
    toasts.show(t("changedMeanwhile", { title: current.title }), { tone: "bad", ...(action && { action }) });
  }

  /** What waits is sent once the board is in step again: it then goes out with the versions of today. */
  readonly #online = (): void => this.#live.hurry();
  readonly #offline = (): void => this.#live.lost();
  readonly #looked = (): void => {
    if (document.visibilityState === "visible") this.#live.hurry();
  };
}
