/** Short messages at the foot of the page, each with at most one thing to do about it. */

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action?: { label: string; run: () => void };
}

const SHOWN = 6000; // milliseconds
const SHOWN_WITH_ACTION = 9000;
const MOST = 4;

let next = 1;
let shown = $state.raw<Toast[]>([]);

export const toasts = {
  get shown(): Toast[] {
    return shown;
  },
  show(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
    const toast: Toast = { id: next++, text, tone: "plain", ...options };
    shown = [...shown, toast].slice(-MOST);
    setTimeout(() => toasts.dismiss(toast.id), toast.action ? SHOWN_WITH_ACTION : SHOWN);
  },
  dismiss(id: number): void {
    shown = shown.filter((toast) => toast.id !== id);
  },
};
