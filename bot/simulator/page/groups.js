// The dialog of a group: who is in it, the bot's place, topics, and the move to a supergroup.

import { $, attempt, avatar, call, make, onSend } from "./dom.js";
import { room, state } from "./state.js";
import { t } from "./words.js";

const STATUSES = ["administrator", "member", "left", "kicked"];

function statusChoice(label, status, move) {
  const choice = make("select");
  choice.setAttribute("aria-label", label);
  const offered = status === "creator" ? ["creator"] : STATUSES;
  choice.append(...offered.map((each) => make("option", t(each), { value: each, selected: each === status })));
  choice.disabled = status === "creator";
  choice.onchange = () => attempt(() => move(choice.value));
  return choice;
}

function memberItem(name, id, status, path) {
  const move = (wanted) => call(`groups/${state.chat}/${path}`, { by: state.person, status: wanted }, "PUT");
  return make("li", "", {}, avatar(name, id), make("span", name, { className: "name" }), statusChoice(name, status, move));
}

/** Show, or show anew, what there is. */
export function showGroup() {
  const place = room();
  if (!place || !$("group-dialog").open) return;
  $("group-heading").textContent = place.chat.title;
  const people = [...state.people.values()];
  $("members").replaceChildren(
    memberItem(t("the-bot"), 0, place.bot, "bot"),
    ...people.map(({ id, first_name: name }) => memberItem(name, id, place.members[id] ?? "left", `members/${id}`)),
  );
  $("new-topic").hidden = !place.chat.is_forum;
  $("upgrade").hidden = place.chat.type !== "group";
}

export function listenToGroups(choose) {
  $("open-group").onclick = () => {
    $("group-dialog").showModal();
    showGroup();
  };
  onSend($("new-topic"), async ({ name }, form) => {
    const topic = await call(`groups/${state.chat}/topics`, { by: state.person, name: name.value });
    form.reset();
    await choose(state.person, state.chat, topic.message_thread_id);
  });
  $("upgrade").onclick = () => attempt(async () => {
    const place = await call(`groups/${state.chat}/upgrade`, { by: state.person });
    state.rooms.set(place.chat.id, place);
    $("group-dialog").close();
    await choose(state.person, place.chat.id);
  });
}
