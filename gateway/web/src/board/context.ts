/** What every part of an open board needs. */
import { createContext } from "svelte";
import type { Drag } from "./drag.svelte";
import type { BoardStore } from "./store.svelte";

export interface BoardContext {
  store: BoardStore;
  drag: Drag;
  openTask(id: number): void;
}

export const [useBoard, provideBoard] = createContext<BoardContext>();
