// Small words for the page: finding, making, saying what failed, and asking the simulator.

export const $ = (id) => document.getElementById(id);

/** An element with text, properties, and children behind the text. */
export function make(tag, text = "", properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), { textContent: text, ...properties });
  node.append(...children);
  return node;
}

/** A button that does something; `label` is for those who cannot see an icon. */
export function button(text, action, properties = {}, label = "") {
  const node = make("button", text, { type: "button", onclick: () => attempt(action), ...properties });
  if (label) {
    node.setAttribute("aria-label", label);
    node.title = label;
  }
  return node;
}

/** A round sign with the first letter of a name, in a colour of its own. */
export function avatar(name, id, node = make("span")) {
  node.className = `avatar hue${Math.abs(id) % 7}`;
  node.textContent = [...name][0]?.toUpperCase() ?? "?";
  node.setAttribute("aria-hidden", "true");
  return node;
}

/** Ask the simulator; without a body it is a GET. Throws what it says is wrong. */
export async function call(path, body, method = body === undefined ? "GET" : "POST") {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(`/simulator/${path}`, { method, headers, body: JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

let fading;

/** Say something above the text field, until something else is said. */
export function notice(text, isError = false) {
  clearTimeout(fading);
  $("notice").textContent = text;
  $("notice").classList.toggle("error", isError);
  $("notice").hidden = !text;
  if (text && !isError) fading = setTimeout(() => notice(""), 6000);
}

/** Do what a person asked for, and say so when it fails. */
export async function attempt(action) {
  notice("");
  try {
    await action();
  } catch (error) {
    const open = document.querySelector("dialog[open]");
    if (open) say(open, error.message);
    else notice(error.message, true);
  }
}

function say(dialog, text) {
  dialog.querySelector(".wrong")?.remove();
  const line = make("p", text, { className: "wrong" });
  line.setAttribute("role", "alert");
  dialog.append(line);
}

/** Open a dialog afresh. */
export function open(id) {
  const dialog = $(id);
  dialog.querySelector(".wrong")?.remove();
  dialog.querySelector("form")?.reset();
  dialog.showModal();
  return dialog;
}

/** What happens when a form is sent: its values go to `action`, and its dialog closes unless that fails. */
export function onSend(form, action, { closes = true } = {}) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      await action(form.elements, form);
      if (closes) form.closest("dialog")?.close();
    });
  });
}
