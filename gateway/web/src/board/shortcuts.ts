/** Keys that work all over a board, but for where somebody types. */
export interface Shortcuts {
  undo(): void;
  search(): void;
  /** Nothing else took the Escape. */
  escape(): void;
}

const TYPED_INTO = "input:not([type=checkbox]), textarea, select, [contenteditable]";

export function onBoardKey(event: KeyboardEvent, shortcuts: Shortcuts): void {
  const target = event.target instanceof Element ? event.target : null;
  if (event.defaultPrevented || target?.closest(TYPED_INTO)) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.shiftKey && !event.altKey && event.code === "KeyZ") shortcuts.undo();
  else if (command || event.altKey || target?.closest("dialog")) return;
  else if (event.key === "/") shortcuts.search();
  else if (event.key === "Escape") return shortcuts.escape();
  else return;
  event.preventDefault();
}
