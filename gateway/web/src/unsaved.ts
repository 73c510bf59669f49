/** Whether something was typed on this page that would be lost with it. */

let held = 0;

export const unsaved = {
  get any(): boolean {
    return held > 0;
  },
  /** Something is; the answer says that it is no more. */
  hold(): () => void {
    held += 1;
    return () => void (held -= 1);
  },
};
