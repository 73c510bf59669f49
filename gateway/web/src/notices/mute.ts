/** For how long nothing is sent to Telegram. */
import { later } from "./snooze";

export type Mute = "hour" | "day" | "week";
export const MUTES: readonly Mute[] = ["hour", "day", "week"];

const WEEK = 7 * 86_400_000; // milliseconds

export function muteUntil(choice: Mute, now: Date): Date {
  if (choice === "week") return new Date(now.getTime() + WEEK);
  return later(choice === "hour" ? "inAnHour" : "tomorrow", now);
}
