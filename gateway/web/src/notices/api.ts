/** What the server is asked about notices. */
import { call, newKey } from "../api/http";
import type {
  Group,
  Kind,
  Lead,
  Notice,
  NoticePage,
  NoticesSeen,
  PreferenceChanges,
  Preferences,
  Reminder,
  StartLink,
  Unread,
} from "../api/notices";

const NOTICES = "/api/notices/";
const PREFERENCES = `${NOTICES}preferences/`;
const PAGE = 30;

export function listNotices(onlyUnread: boolean, before: number | null): Promise<NoticePage> {
  const query = new URLSearchParams({ limit: String(PAGE), unread: String(onlyUnread) });
  if (before !== null) query.set("before", String(before));
  return call("GET", `${NOTICES}?${query}`);
}

export const readNotices = (seen: NoticesSeen): Promise<Unread> => call("POST", `${NOTICES}read/`, seen);
export const snoozeNotice = (notice: number, until: Date): Promise<Notice> =>
  call("POST", `${NOTICES}${notice}/snooze/`, { until: until.toISOString() }, newKey());

export const getPreferences = (): Promise<Preferences> => call("GET", PREFERENCES);
export const changePreferences = (changes: PreferenceChanges): Promise<Preferences> => call("PATCH", PREFERENCES, changes);

const reminder = (task: number): string => `/api/tasks/${task}/reminder/`;

export const getReminder = (task: number): Promise<Reminder> => call("GET", reminder(task));
/** At another time than of others, or never (null), or as of others again (undefined). */
export const changeReminder = (task: number, remind: Lead | null | undefined): Promise<Reminder> =>
  call("PUT", reminder(task), remind === undefined ? {} : { remind });

export const startTelegram = (): Promise<StartLink> => call("POST", "/api/telegram/start/");

/** The address of a group, or of one of its topics. */
export const groupAddress = ({ chat, thread }: Group): string => (thread === null ? String(chat) : `${chat}_${thread}`);

export const listGroups = (team: number): Promise<Group[]> => call("GET", `/api/teams/${team}/groups/`);
export const changeGroup = (group: Group, kinds: Kind[]): Promise<Group> =>
  call("PATCH", `/api/groups/${groupAddress(group)}/`, { kinds }, newKey());
export const unbindGroup = (group: Group): Promise<void> =>
  call("DELETE", `/api/groups/${groupAddress(group)}/`, undefined, newKey());

export const completeTask = (task: number): Promise<unknown> => call("POST", `/api/tasks/${task}/done/`, undefined, newKey());
