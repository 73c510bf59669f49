/** The records of notices, preferences and what Telegram is told. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Kind = Schemas["Kind"];
export type Attempt = Required<Schemas["Attempt"]>;
/** One event, told to the person who is signed in. */
export type Notice = Required<Omit<Schemas["Notice"], "attempts">> & { attempts: Attempt[] };
export type NoticePage = Omit<Schemas["NoticePage"], "notices"> & { notices: Notice[] };
export type NoticesSeen = Schemas["NoticesSeen"];
export type Unread = Schemas["Unread"];

/** Minutes before a deadline. */
export type Lead = Schemas["Lead"];
export type TelegramMode = Schemas["TelegramMode"];
export type KindPreference = Required<Schemas["KindPreference"]>;
export type QuietHours = Schemas["QuietHours"];
export type Preferences = Required<Omit<Schemas["Preferences"], "kinds">> & { kinds: Record<Kind, KindPreference> };
export type PreferenceChanges = Omit<Schemas["PreferenceChanges"], "kinds"> & { kinds?: Partial<Record<Kind, KindPreference>> };
export type Reminder = Schemas["Reminder"];

export type StartLink = Schemas["StartLink"];
export type Group = Schemas["Group"];

/** In the order in which people are shown them. */
export const KINDS: readonly Kind[] = ["assigned", "unassigned", "mentioned", "commented", "completed", "due_soon", "overdue", "added"];
export const LEADS: readonly Lead[] = [10, 60, 1440];
