/** The priorities, from the least to the most. */
import type { Priority } from "../api/types";

export const PRIORITIES: readonly Priority[] = ["none", "low", "medium", "high", "urgent"];
