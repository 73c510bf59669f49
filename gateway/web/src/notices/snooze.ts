/** When somebody wants to be told once more. */

export type Later = "inAnHour" | "tomorrow";
export const LATER: readonly Later[] = ["inAnHour", "tomorrow"];

const HOUR = 3_600_000; // milliseconds
const MORNING = 9; // o'clock, where the person is

export function later(choice: Later, now: Date): Date {
  if (choice === "inAnHour") return new Date(now.getTime() + HOUR);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING);
}
