/** The person's inbox: how much of it is unread, and as much of it as has been looked at. */
import type { Notice } from "../api/notices";
import type { Notify } from "../people/feed";
import { inWords } from "../words";
import { listNotices, readNotices, snoozeNotice } from "./api";

class Inbox {
  unread = $state(0);
  notices = $state.raw<Notice[]>([]);
  isOpen = $state(false);
  onlyUnread = $state(false);
  busy = $state(false);
  /** Whether the server has told what is in it. */
  known = $state(false);
  problem = $state("");
  #before = $state.raw<number | null>(null);
  #latest = 0;

  get hasMore(): boolean {
    return this.#before !== null;
  }

  /** Somebody else sits here now, or nobody. */
  reset(): void {
    this.#latest++;
    this.unread = 0;
    this.notices = [];
    this.isOpen = this.onlyUnread = this.busy = this.known = false;
    this.problem = "";
    this.#before = null;
  }

  open(): void {
    this.isOpen = true;
    void this.load();
  }

  close(): void {
    this.isOpen = false;
  }

  sift(onlyUnread: boolean): void {
    this.onlyUnread = onlyUnread;
    void this.load();
  }

  /** Ask for the newest. */
  load(): Promise<void> {
    return this.#ask(null);
  }

  async more(): Promise<void> {
    if (this.#before !== null) await this.#ask(this.#before);
  }

  async #ask(before: number | null): Promise<void> {
    const mine = ++this.#latest;
    await this.#try(async () => {
      const page = await listNotices(this.onlyUnread, before);
      if (mine !== this.#latest) return;
      this.notices = before === null ? page.notices : [...this.notices, ...page.notices];
      this.#before = page.before;
      this.unread = page.unread;
      this.known = true;
    });
  }

  /** Ask how the newest are now, and leave all else where it is. */
  async refresh(): Promise<void> {
    await this.#try(async () => {
      const page = await listNotices(false, null);
      this.unread = page.unread;
      this.#take(page.notices);
    });
  }

  /** Something new came. */
  heard({ notices = [], unread }: Notify): void {
    if (unread !== undefined) this.unread = unread;
    if (this.known) this.#take(notices);
  }

  /** What is told of a notice that is here holds from now on; others are put on top if they are newer. */
  #take(told: Notice[]): void {
    const newest = this.notices[0]?.id ?? 0;
    const byId = new Map(told.map((notice) => [notice.id, notice]));
    const fresh = told.filter((notice) => notice.id > newest && !(this.onlyUnread && notice.read_at !== null));
    this.notices = [...fresh.toSorted((a, b) => b.id - a.id), ...this.notices.map((notice) => byId.get(notice.id) ?? notice)];
  }

  /** So many are unread; if we did not know that, they were read elsewhere. */
  counted(unread: number): void {
    const isNews = unread !== this.unread;
    this.unread = unread;
    if (isNews && this.isOpen) void this.refresh();
  }

  read(read: Notice[]): Promise<void> {
    const ids = read.filter((notice) => notice.read_at === null).map((notice) => notice.id);
    if (ids.length === 0) return Promise.resolve();
    return this.#read({ notices: ids }, (notice) => ids.includes(notice.id));
  }

  readAll(): Promise<void> {
    return this.#read({ all: true }, () => true);
  }

  /** The person looks at a task, and so at all that notices say of it. */
  async readTask(task: number): Promise<void> {
    if (this.unread > 0) await this.#read({ task }, (notice) => notice.task === task);
  }

  async #read(seen: Parameters<typeof readNotices>[0], isSeen: (notice: Notice) => boolean): Promise<void> {
    const now = new Date().toISOString();
    this.notices = this.notices.map((notice) => (isSeen(notice) ? { ...notice, read_at: notice.read_at ?? now } : notice));
    await this.#try(async () => void (this.unread = (await readNotices(seen)).unread));
  }

  /** Whether it worked. */
  async snooze(notice: number, until: Date): Promise<boolean> {
    return this.#try(async () => {
      const snoozed = await snoozeNotice(notice, until);
      this.notices = this.notices.map((one) => (one.id === notice ? snoozed : one));
    });
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    this.problem = "";
    this.busy = true;
    try {
      await work();
      return true;
    } catch (error) {
      this.problem = inWords(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

export const inbox = new Inbox();
