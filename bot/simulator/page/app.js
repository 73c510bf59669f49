// The chat page: choose a person, act as that person, see what the bot says as it says it.

import { clearComposer, edit, forward, listenToComposer, reply, showMenu } from "./composer.js";
import { $, attempt, avatar, button, call, notice, open } from "./dom.js";
import { listenToFaults, showFaults } from "./faults.js";
import { listenToGroups, showGroup } from "./groups.js";
import { removeMessage, showMessage, showMessages } from "./messages.js";
import { listenToSidebar, showPeople } from "./sidebar.js";
import { listenToStart, offerStart, startIfWanted } from "./start.js";
import { isPresent, isPrivate, loadAll, loadMessages, person, room, roomsOf, state, titleOf, write } from "./state.js";
import { t, translate } from "./words.js";

const actions = { reply, edit, forward, write: (text) => attempt(() => write(text)) };
let quiet;

/** Be somebody, in one of their chats, and in a topic of it if it has topics. */
async function choose(who, chat, thread = null) {
  Object.assign(state, { person: who, chat, thread });
  state.unread.delete(chat);
  history.replaceState(null, "", `${location.search}#${who}/${chat}`);
  document.body.classList.add("in-chat");
  clearComposer();
  showPlace();
  await Promise.all([loadMessages(), showMenu()]);
  if (state.chat === chat && state.person === who) showMessages(actions);
  if (matchMedia("(hover: hover)").matches) $("text").focus();
}

function subtitle(place) {
  if (isPrivate(place)) return `${t("private")}, ${t("as", { name: person().first_name })}`;
  const count = Object.values(place.members).filter(isPresent).length + Number(isPresent(place.bot));
  return `${t("members", { count })}, ${t("as", { name: person().first_name })}`;
}

/** The head and the foot of the open chat. */
function showPlace() {
  const place = room();
  showPeople(choose);
  $("empty").hidden = Boolean(place);
  $("chat").hidden = !place;
  if (!place) return;
  avatar(titleOf(place), place.chat.id, $("avatar"));
  $("title").textContent = titleOf(place);
  $("subtitle").textContent = subtitle(place);
  $("open-group").hidden = isPrivate(place);
  $("block").hidden = !isPrivate(place) || place.bot !== "member";
  showTopics(place);
  showShut(place);
  showGroup();
}

function showTopics(place) {
  $("topics").hidden = !place.chat.is_forum;
  const topics = [[null, t("all-topics")], [0, t("general")]];
  for (const [thread, name] of Object.entries(place.topics ?? {})) topics.push([Number(thread), name]);
  $("topics").replaceChildren(...topics.map(([thread, name]) => {
    const chip = button(name, () => choose(state.person, state.chat, thread), { className: "quiet" });
    chip.setAttribute("aria-pressed", String(thread === state.thread));
    return chip;
  }));
}

/** Instead of the text field: why one cannot write here, and the way out. */
function showShut(place) {
  const [reason, way] = whyShut(place);
  $("composer").hidden = Boolean(reason);
  $("shut").hidden = !reason;
  $("shut").textContent = reason;
  $("shut").disabled = !way;
  $("shut").onclick = () => attempt(way);
}

function whyShut(place) {
  if ((place.migrated_to ?? null) !== null) return [t("moved"), () => choose(state.person, place.migrated_to)];
  if (!isPresent(place.members[state.person])) return [t("not-here", { name: person().first_name }), null];
  if (!isPrivate(place)) return ["", null];
  if (place.bot === "kicked") return [t("blocked"), () => call(`people/${state.person}/block`, undefined, "DELETE")];
  return place.bot === "left" ? [t("start"), () => write("/start")] : ["", null];
}

const hears = {
  person({ person: who }) {
    state.people.set(who.id, who);
    showPlace();
  },
  room({ room: place }) {
    state.rooms.set(place.chat.id, place);
    showPlace();
  },
  message({ chat, message }) {
    if (chat === state.chat) {
      state.messages.set(message.message_id, message);
      showMessage(message, actions);
      if (message.from.is_bot) typing(false);
    } else if (message.from.is_bot && !state.unread.has(chat)) {
      state.unread.add(chat);
      showPeople(choose);
    }
  },
  deleted({ chat, deleted }) {
    if (chat !== state.chat) return;
    state.messages.delete(deleted.message_id);
    removeMessage(deleted.message_id);
  },
  press({ press: { person: who, answer, show_alert: isAlert } }) {
    if (who !== state.person || !answer) return;
    if (isAlert) open("alert-dialog").querySelector("#alert-text").textContent = answer;
    else notice(answer);
  },
  action({ chat }) {
    if (chat === state.chat) typing(true);
  },
};

function typing(isTyping) {
  clearTimeout(quiet);
  if (room()) $("subtitle").textContent = isTyping ? `${state.bot.first_name} ${t("typing")}` : subtitle(room());
  if (isTyping) quiet = setTimeout(() => typing(false), 5000);
}

/** Start over from what the simulator has: at first, and after the connection was away. */
async function load() {
  await loadAll();
  const [who, chat] = location.hash.slice(1).split("/").map(Number);
  const isThere = state.people.has(who) && roomsOf(who).some((place) => place.chat.id === chat);
  if (isThere) await choose(who, chat, state.chat === chat ? state.thread : null);
  else Object.assign(state, { person: null, chat: null });
  showPlace();
  await showFaults();
  offerStart(choose);
}

function listen() {
  const source = new EventSource("/simulator/events");
  for (const [kind, hear] of Object.entries(hears)) {
    source.addEventListener(kind, (event) => hear(JSON.parse(event.data)));
  }
  source.onopen = () => {
    $("status").textContent = t("connected");
    attempt(load);
  };
  source.onerror = () => { $("status").textContent = t("away"); };
}

async function added(someone) {
  if (!(await startIfWanted(someone, choose))) await choose(someone.id, someone.id);
}

translate();
for (const close of document.querySelectorAll("dialog .close")) close.onclick = () => close.closest("dialog").close();
$("back").onclick = () => document.body.classList.remove("in-chat");
$("block").onclick = () => attempt(() => call(`people/${state.person}/block`, undefined, "PUT"));
addEventListener("hashchange", () => attempt(load));
listenToSidebar(choose, added);
listenToComposer();
listenToGroups(choose);
listenToFaults();
listenToStart();
listen();
