/** Short messages at the foot of the page, each with at most one thing to do about it. */

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action?: { label: string; run: () => void };
  /** There is at most one of a topic: a new one takes the place of the old. */
  topic?: string;
}

const SHOWN = 6000; // milliseconds
const SHOWN_WITH_ACTION = 9000;
const MOST = 4;

let next = 1;
// Beside the state, for a component that goes reads states as they were before it began to go.
let all: Toast[] = [];
let shown = $state.raw(all);

function set(toasts: Toast[]): void {
  shown = all = toasts;
}

export const toasts = {
  get shown(): Toast[] {
    return shown;
  },
  show(text: string, options: Partial<Pick<Toast, "tone" | "action" | "topic">> = {}): void {
    const toast: Toast = { id: next++, text, tone: "plain", ...options };
    if (toast.topic) toasts.close(toast.topic);
    set([...all, toast].slice(-MOST));
    setTimeout(() => toasts.dismiss(toast.id), toast.action ? SHOWN_WITH_ACTION : SHOWN);
  },
  /** What was said about a topic holds no longer. */
  close(topic: string): void {
    set(all.filter((toast) => toast.topic !== topic));
  },
  dismiss(id: number): void {
    set(all.filter((toast) => toast.id !== id));
  },
};
