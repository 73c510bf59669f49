// Writing: the text field, replies and changes, the menu of commands, and forwarding.

import { $, attempt, button, call, make, onSend, open } from "./dom.js";
import { state, write } from "./state.js";
import { t } from "./words.js";

// The message that is replied to or changed, if any.
let replied = null;
let changed = null;

function attach(message, label) {
  $("replying").hidden = !message;
  if (message) $("replying").querySelector("p").replaceChildren(make("b", label), ` ${message.text}`);
  $("text").focus();
}

export function reply(message) {
  [replied, changed] = [message, null];
  attach(message, t("reply"));
}

export function edit(message) {
  [replied, changed] = [null, message];
  $("text").value = message.text;
  attach(message, t("edit"));
}

/** Nothing is replied to or changed any more. */
export function clearComposer() {
  if (changed) $("text").value = "";
  [replied, changed] = [null, null];
  $("replying").hidden = true;
  toggleMenu(false);
}

async function send() {
  const text = $("text").value;
  const path = changed && `people/${state.person}/messages/${changed.message_id}`;
  if (changed) await call(path, { text, chat: state.chat }, "PATCH");
  else await write(text, replied ? { reply_to: replied.message_id } : {});
  clearComposer();
  $("text").value = "";
}

function toggleMenu(isOpen = $("menu").hidden) {
  $("menu").hidden = !isOpen;
  $("open-menu").setAttribute("aria-expanded", String(isOpen));
}

export async function showMenu() {
  const commands = await call(`people/${state.person}/commands?chat=${state.chat}`);
  $("menu").replaceChildren(...commands.map(({ command, description }) => {
    const line = button("", async () => {
      toggleMenu(false);
      await write(`/${command}`);
    });
    line.append(make("b", `/${command}`), make("span", description));
    return line;
  }));
  $("open-menu").hidden = !commands.length;
}

/** Choose who wrote what is forwarded; a message that is given says it itself. */
export function forward(message) {
  const form = open("forward-dialog").querySelector("form");
  const writers = [...state.people.values(), state.bot];
  form.elements.origin.replaceChildren(
    ...writers.map((user) => make("option", user.first_name, { value: `user ${user.id}` })),
    ...["hidden_user", "channel", "chat"].map((type) => make("option", t(`origin-${type}`), { value: type })),
  );
  form.elements.text.value = message?.text ?? "";
  if (message) form.elements.origin.value = `user ${message.from.id}`;
  showNamed(form);
}

function showNamed(form) {
  const isNamed = !form.elements.origin.value.startsWith("user ");
  form.querySelector(".named").hidden = !isNamed;
  form.elements.name.required = isNamed;
}

function listenToForward() {
  const form = $("forward-dialog").querySelector("form");
  form.elements.origin.onchange = () => showNamed(form);
  onSend(form, ({ text, origin, name }) => {
    const [type, id] = origin.value.split(" ");
    const from = id ? { type, person: Number(id) } : { type, name: name.value };
    return write(text.value, { origin: from, chat: state.person, thread: null });
  });
  $("open-forward").onclick = () => forward(null);
}

export function listenToComposer() {
  onSend($("composer"), send);
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $("composer").requestSubmit();
    } else if (event.key === "Escape") {
      clearComposer();
    }
  });
  $("no-reply").onclick = () => clearComposer();
  $("open-menu").onclick = () => attempt(() => toggleMenu());
  listenToForward();
}
