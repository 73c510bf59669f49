/** The dialogs that are open. All but the topmost is inert, so whatever must stay within reach moves into it. */

// Beside the state, for what an attachment reads it would run again for.
let all: HTMLDialogElement[] = [];
let open = $state.raw(all);
let closing = 0;

export const modals = {
  get top(): HTMLDialogElement | null {
    return open.at(-1) ?? null;
  },
  /**
   * Whether one is open, or was a moment ago: what begins to move beneath it in the very frame in which it goes stays
   * inert in Chromium, until the next dialog.
   */
  get still(): boolean {
    return all.length > 0 || closing > 0;
  },
};

/** An attachment: the dialog is open, above everything, for as long as it is there. */
export function modal(dialog: HTMLDialogElement): () => void {
  dialog.showModal();
  open = all = [...all, dialog];
  return () => {
    open = all = all.filter((one) => one !== dialog);
    closing++;
    requestAnimationFrame(() => requestAnimationFrame(() => closing--));
  };
}
