// What the page knows: people, chats, and where in them we are.

import { call } from "./dom.js";

export const state = {
  bot: null,
  people: new Map(),
  rooms: new Map(),
  /** Who we are, where, and in which topic (null: all of them, 0: the general one). */
  person: null,
  chat: null,
  thread: null,
  messages: new Map(),
  unread: new Set(),
};

const PRESENT = ["creator", "administrator", "member"];

export const isPresent = (status) => PRESENT.includes(status);
export const room = () => state.rooms.get(state.chat);
export const person = () => state.people.get(state.person);
export const isPrivate = (place) => place.chat.type === "private";

/** The chats of somebody, the one with the bot first; groups that moved away are left out. */
export function roomsOf(id) {
  return [...state.rooms.values()]
    .filter((place) => isPresent(place.members[id]) && (place.migrated_to ?? null) === null)
    .sort((one, other) => isPrivate(other) - isPrivate(one));
}

export const titleOf = (place) => (isPrivate(place) ? state.bot.first_name : place.chat.title);

/** Everything but messages, as the simulator has it now. */
export async function loadAll() {
  const [bot, people, rooms] = await Promise.all([call("bot"), call("people"), call("chats")]);
  state.bot = bot;
  state.people = new Map(people.map((each) => [each.id, each]));
  state.rooms = new Map(rooms.map((each) => [each.chat.id, each]));
}

/** The messages of the open chat; those that came while they were asked for stay. */
export async function loadMessages() {
  const { person: who, chat } = state;
  state.messages = new Map();
  const messages = await call(`people/${who}/messages?chat=${chat}`);
  if (state.person !== who || state.chat !== chat) return;
  const arrived = state.messages;
  state.messages = new Map([...messages.map((each) => [each.message_id, each]), ...arrived]);
}

/** Write as the chosen person, here unless it is said where. */
export function write(text, where = {}) {
  const here = { chat: state.chat, thread: state.thread || null };
  return call(`people/${state.person}/messages`, { text, ...here, ...where });
}
