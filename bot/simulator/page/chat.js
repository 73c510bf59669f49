// The chat page: choose a person, write as that person, see what the bot says as it says it.

import { formatted } from "./formatting.js";

const $ = (id) => document.getElementById(id);
const people = new Map();
const unread = new Set();
let chosen = null;
// Messages told of since `chosen` was chosen; its history may have been read just before them.
let arrived = [];

async function call(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(`/simulator/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

function notice(text, isError = false) {
  $("notice").textContent = text;
  $("notice").classList.toggle("error", isError);
  $("notice").hidden = !text;
}

/** Runs what a person asked for, and says so when it fails. */
async function attempt(action) {
  notice("");
  try {
    await action();
  } catch (error) {
    notice(error.message, true);
  }
}

function make(tag, text, properties = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...properties });
}

function showPeople() {
  $("people").replaceChildren(...[...people.values()].map((person) => {
    const button = make("button", "", { type: "button", onclick: () => attempt(() => choose(person.id)) });
    button.setAttribute("aria-current", String(person.id === chosen));
    button.classList.toggle("unread", unread.has(person.id));
    button.append(make("span", person.first_name), make("span", person.language_code ?? "–"));
    return button;
  }));
}

function keyboardRow(message, row) {
  const line = make("div", "", { className: "keyboard" });
  line.append(...row.map((button) => make("button", button.text, {
    type: "button",
    onclick: () => attempt(() => press(message, button)),
  })));
  return line;
}

function press(message, button) {
  if (button.url) {
    if (/^https?:/i.test(button.url)) window.open(button.url, "_blank", "noopener");
    return undefined;
  }
  return call(`people/${chosen}/presses`, { message_id: message.message_id, data: button.callback_data });
}

function messageItem(message) {
  const item = make("li", "", { className: message.from.is_bot ? "bot" : "mine", id: `message-${message.message_id}` });
  const bubble = make("div", "", { className: "bubble" });
  bubble.append(...formatted(message.text, message.entities ?? []));
  const when = new Date((message.edit_date ?? message.date) * 1000);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const rows = message.reply_markup?.inline_keyboard ?? [];
  item.append(bubble, ...rows.map((row) => keyboardRow(message, row)));
  item.append(make("time", message.edit_date ? `edited ${time}` : time, { dateTime: when.toISOString() }));
  return item;
}

function showMessage(message) {
  const old = $(`message-${message.message_id}`);
  if (old) {
    old.replaceWith(messageItem(message));
  } else {
    $("messages").append(messageItem(message));
    $("messages").scrollTop = $("messages").scrollHeight;
  }
}

function showCommands(commands) {
  $("commands").replaceChildren(...commands.map((command) => make("button", `/${command.command}`, {
    type: "button",
    title: command.description,
    onclick: () => attempt(() => write(`/${command.command}`)),
  })));
}

function write(text) {
  return call(`people/${chosen}/messages`, { text });
}

async function choose(id) {
  chosen = id;
  arrived = [];
  unread.delete(id);
  const person = people.get(id);
  $("title").textContent = person.first_name;
  $("empty").hidden = true;
  $("composer").hidden = false;
  showPeople();
  const [messages, commands] = await Promise.all([call(`people/${id}/messages`), call(`people/${id}/commands`)]);
  if (chosen !== id) return;
  $("messages").replaceChildren();
  [...messages, ...arrived].forEach(showMessage);
  showCommands(commands);
  $("text").focus();
}

/** Start over from what the simulator has: at first, and after the connection was away. */
async function load() {
  people.clear();
  for (const person of await call("people")) people.set(person.id, person);
  if (people.has(chosen)) await choose(chosen);
  else if (chosen !== null) location.reload();
  showPeople();
}

function listen() {
  const source = new EventSource("/simulator/events");
  const on = (kind, action) => source.addEventListener(kind, (event) => action(JSON.parse(event.data)));
  source.onopen = () => {
    $("status").textContent = "Connected";
    attempt(load);
  };
  source.onerror = () => { $("status").textContent = "The simulator is away; trying again…"; };
  on("user", ({ user }) => {
    people.set(user.id, user);
    showPeople();
  });
  on("message", ({ person, message }) => {
    if (person === chosen) {
      arrived.push(message);
      showMessage(message);
    } else {
      unread.add(person);
    }
    showPeople();
  });
  on("press", ({ person, press: { answer } }) => {
    if (person === chosen && answer) notice(answer);
  });
}

$("new-person").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  attempt(async () => {
    const person = await call("people", { name: form.name.value, language: form.language.value || null });
    people.set(person.id, person);
    form.name.value = "";
    await choose(person.id);
  });
});

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await write($("text").value);
    $("text").value = "";
  });
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});

listen();
