/** Short messages at the foot of the page, with what may be done about each. */

export interface Action {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action?: Action;
  /** Others beside it. */
  actions?: Action[];
  /** What a press on the text does. */
  open?: () => void;
  /** There is at most one of a topic: a new one takes the place of the old. */
  topic?: string;
}

const SHOWN = 6000; // milliseconds
const SHOWN_WITH_ACTION = 9000;
const SHOWN_ONCE_LEFT = 3000;
const MOST = 4;

let next = 1;
// Beside the state, for a component that goes reads states as they were before it began to go.
let all: Toast[] = [];
let shown = $state.raw(all);
let isHeld = false;
const timers = new Map<number, ReturnType<typeof setTimeout>>();

function set(toasts: Toast[]): void {
  shown = all = toasts;
}

function dismissIn(id: number, delay: number): void {
  clearTimeout(timers.get(id));
  const timer = setTimeout(() => toasts.dismiss(id), delay);
  timers.set(id, timer);
}

export const toasts = {
  get shown(): Toast[] {
    return shown;
  },
  show(text: string, options: Partial<Omit<Toast, "id" | "text">> = {}): number {
    const toast: Toast = { id: next++, text, tone: "plain", ...options };
    if (toast.topic) toasts.close(toast.topic);
    set([...all, toast].slice(-MOST));
    if (!isHeld) dismissIn(toast.id, toast.action || toast.actions || toast.open ? SHOWN_WITH_ACTION : SHOWN);
    return toast.id;
  },
  /** While somebody points at them or is among them with the keyboard, they stay. */
  hold(): void {
    isHeld = true;
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  },
  release(): void {
    if (!isHeld) return;
    isHeld = false;
    for (const { id } of all) dismissIn(id, SHOWN_ONCE_LEFT);
  },
  isShown: (id: number): boolean => all.some((toast) => toast.id === id),
  /** What was said about a topic holds no longer. */
  close(topic: string): void {
    set(all.filter((toast) => toast.topic !== topic));
  },
  dismiss(id: number): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    set(all.filter((toast) => toast.id !== id));
    if (all.length === 0) isHeld = false; // nothing says that the pointer left what is gone
  },
};
