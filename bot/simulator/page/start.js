// A deep link, `/?start=<code>`: somebody opens it, and so starts the bot with that code.

import { $, avatar, button, call, make, open } from "./dom.js";
import { state, write } from "./state.js";

let code = null;

function wanted() {
  const given = new URLSearchParams(location.search).get("start") ?? "";
  return /^[A-Za-z0-9_-]{1,64}$/.test(given) ? given : null;
}

/** Ask who opens it, if there is a code in the address. */
export function offerStart(choose) {
  code = wanted();
  if (code === null || $("start-dialog").open) return;
  $("starters").replaceChildren(...[...state.people.values()].map((person) => {
    const choice = button("", () => startAs(person, choose), { className: "person" });
    choice.append(avatar(person.first_name, person.id), make("span", person.first_name, { className: "name" }));
    return choice;
  }));
  open("start-dialog");
}

/** Whether somebody new is there because of a deep link; then they open it. */
export async function startIfWanted(person, choose) {
  if (code === null) return false;
  await startAs(person, choose);
  return true;
}

async function startAs(person, choose) {
  const payload = code;
  forget();
  $("start-dialog").close();
  await choose(person.id, person.id);
  // Who starts a bot lets it write again.
  await call(`people/${person.id}/block`, undefined, "DELETE");
  await write(`/start ${payload}`);
}

/** The link is used up, or nobody wanted to open it. */
function forget() {
  code = null;
  history.replaceState(null, "", location.pathname + location.hash);
}

export function listenToStart() {
  $("start-new").onclick = () => open("person-dialog");
  $("start-dialog").addEventListener("close", () => {
    if (code !== null && !$("person-dialog").open) forget();
  });
}
