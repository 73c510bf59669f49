// The messages of the open chat.

import { $, button, call, make } from "./dom.js";
import { formatted } from "./formatting.js";
import { state } from "./state.js";
import { t } from "./words.js";

const nameOf = (user) => (user.id === state.person ? state.people.get(user.id).first_name : user.first_name);

/** What a message says that nobody wrote. */
function happened(message) {
  const name = nameOf(message.from);
  const [joined] = message.new_chat_members ?? [];
  if (joined) return t("did-join", { name, other: joined.first_name });
  if (message.left_chat_member) return t("did-leave", { name, other: message.left_chat_member.first_name });
  if (message.forum_topic_created) return t("did-topic", { name, other: message.forum_topic_created.name });
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("did-move");
  return t("did-create", { name });
}

function originName(origin) {
  return origin.sender_user?.first_name ?? origin.sender_user_name ?? (origin.sender_chat ?? origin.chat).title;
}

function quoted({ reply_to_message: answered }) {
  if (!answered || answered.forum_topic_created) return [];
  const quote = button("", () => $(`message-${answered.message_id}`)?.scrollIntoView({ block: "center" }), { className: "quote" });
  quote.append(make("b", nameOf(answered.from)), make("span", answered.text ?? ""));
  return [quote];
}

function press(message, { url, callback_data: data }) {
  if (url) {
    if (/^(https?|tg):/i.test(url)) window.open(url, "_blank", "noopener");
    return undefined;
  }
  return call(`people/${state.person}/presses`, { message_id: message.message_id, data, chat: state.chat });
}

function keyboard(message) {
  return (message.reply_markup?.inline_keyboard ?? []).map((row) => make("div", "", { className: "keyboard" },
    ...row.map((each) => button(each.url ? `${each.text} ↗` : each.text, () => press(message, each)))));
}

function acts(message, actions) {
  const isMine = message.from.id === state.person;
  const path = `people/${state.person}/messages/${message.message_id}?chat=${state.chat}`;
  return make("div", "", { className: "acts" },
    button("↩", () => actions.reply(message), {}, t("reply")),
    button("↪", () => actions.forward(message), {}, t("forward")),
    ...(isMine ? [
      button("✎", () => actions.edit(message), {}, t("edit")),
      button("✕", () => call(path, undefined, "DELETE"), {}, t("delete")),
    ] : []));
}

function bubble(message, actions) {
  const node = make("div", "", { className: "bubble" });
  const isGroup = state.chat < 0;
  if (isGroup && message.from.id !== state.person) node.append(make("b", message.from.first_name, { className: "from" }));
  if (message.forward_origin) {
    node.append(make("i", t("forwarded", { name: originName(message.forward_origin) }), { className: "from" }));
  }
  node.append(...quoted(message));
  node.append(make("div", "", { className: "text" }, ...formatted(message.text, message.entities ?? [], actions.write)));
  const when = new Date((message.edit_date ?? message.date) * 1000);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  node.append(make("time", message.edit_date ? `${t("edited")} ${time}` : time, { dateTime: when.toISOString() }));
  return node;
}

function messageItem(message, actions) {
  const id = `message-${message.message_id}`;
  if (message.text === undefined) return make("li", happened(message), { id, className: "service" });
  const side = message.from.is_bot ? "bot" : message.from.id === state.person ? "mine" : "other";
  const row = make("div", "", { className: "row" }, bubble(message, actions), acts(message, actions));
  return make("li", "", { id, className: side }, row, ...keyboard(message));
}

function isInTopic(message) {
  return state.thread === null || (message.is_topic_message ? message.message_thread_id : 0) === state.thread;
}

/** All of them, from the newest. */
export function showMessages(actions) {
  const shown = [...state.messages.values()].filter(isInTopic);
  $("messages").replaceChildren(...shown.map((message) => messageItem(message, actions)));
  $("messages").scrollTop = $("messages").scrollHeight;
}

/** One that is new, or has changed. */
export function showMessage(message, actions) {
  if (!isInTopic(message)) return;
  const list = $("messages");
  const old = $(`message-${message.message_id}`);
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  if (old) old.replaceWith(messageItem(message, actions));
  else list.append(messageItem(message, actions));
  if (wasAtEnd || message.from.id === state.person) list.scrollTop = list.scrollHeight;
}

export function removeMessage(id) {
  $(`message-${id}`)?.remove();
}
