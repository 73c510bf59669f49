/** What every part of an open board needs. */
import { createContext } from "svelte";
import type { Drag } from "./drag.svelte";
import type { Selection } from "./selection.svelte";
import type { BoardStore } from "./store.svelte";

export interface BoardContext {
  store: BoardStore;
  drag: Drag;
  selection: Selection;
  openTask(id: number): void;
  openLabels(): void;
}

export const [useBoard, provideBoard] = createContext<BoardContext>();
