// The list at the left: people, and the chats of the chosen one.

import { $, avatar, button, make, onSend, open, call } from "./dom.js";
import { roomsOf, state, titleOf } from "./state.js";
import { t } from "./words.js";

function mark(node, isUnread) {
  if (isUnread) node.append(make("span", "●", { className: "unread", title: t("unread") }));
  return node;
}

function chatButton(id, place, choose) {
  const node = button("", () => choose(id, place.chat.id), { className: "chat" });
  node.setAttribute("aria-current", String(id === state.person && place.chat.id === state.chat));
  const title = titleOf(place);
  node.append(avatar(title, place.chat.id), make("span", title, { className: "name" }));
  return mark(node, state.unread.has(place.chat.id));
}

function personItem(person, choose) {
  const isChosen = person.id === state.person;
  const node = button("", () => choose(person.id, person.id), { className: "person" });
  node.setAttribute("aria-expanded", String(isChosen));
  const note = [person.language_code ?? "–", person.username && `@${person.username}`].filter(Boolean).join(" · ");
  node.append(avatar(person.first_name, person.id), make("span", person.first_name, { className: "name" }), make("small", note));
  const item = make("section", "", {}, mark(node, !isChosen && roomsOf(person.id).some(({ chat }) => state.unread.has(chat.id))));
  if (isChosen) {
    item.append(...roomsOf(person.id).map((place) => chatButton(person.id, place, choose)));
    item.append(button(`+ ${t("new-group")}`, () => open("new-group-dialog"), { className: "chat more" }));
  }
  return item;
}

export function showPeople(choose) {
  const focused = [...$("people").querySelectorAll("button")].indexOf(document.activeElement);
  $("people").replaceChildren(...[...state.people.values()].map((person) => personItem(person, choose)));
  if (focused >= 0) $("people").querySelectorAll("button")[focused]?.focus();
}

/** Forms that make people and groups. `added` is called with a new person; it may choose them. */
export function listenToSidebar(choose, added) {
  $("open-person").onclick = () => open("person-dialog");
  onSend($("person-dialog").querySelector("form"), async ({ name, username, language }) => {
    const person = await call("people", {
      name: name.value, username: username.value || null, language: language.value || null,
    });
    state.people.set(person.id, person);
    $("person-dialog").close();
    await added(person);
  });
  onSend($("new-group-dialog").querySelector("form"), async ({ title, kind, bot }) => {
    const by = state.person;
    const place = await call("groups", {
      by, title: title.value, supergroup: kind.value === "supergroup", forum: kind.value === "forum",
    });
    if (bot.checked) await call(`groups/${place.chat.id}/bot`, { by, status: "member" }, "PUT");
    state.rooms.set(place.chat.id, state.rooms.get(place.chat.id) ?? place);
    await choose(by, place.chat.id);
  });
}
