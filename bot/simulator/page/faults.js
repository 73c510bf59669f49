// The panel of faults: what shall go wrong, Telegram's limits, and what the bot has called lately.

import { $, attempt, button, call, make, onSend, open } from "./dom.js";
import { state } from "./state.js";
import { t } from "./words.js";

const SHOWN = 30;
let cursor = 0;
let lines = [];

function about(fault) {
  const kind = fault.kind === "refuse" ? fault.code : fault.kind;
  const seconds = { 429: `, ${fault.retry_after} s`, slow: `, ${fault.seconds} s` }[kind] ?? "";
  const words = document.querySelector(`#new-fault option[value="${kind}"]`) ? t(`fault-${kind}`) : String(kind);
  const parts = [fault.method ?? t("every-method"), fault.times ? `×${fault.times}` : t("always")];
  if (fault.chat) parts.push(state.people.get(fault.chat)?.first_name ?? state.rooms.get(fault.chat)?.chat.title ?? fault.chat);
  if (fault.probability < 1) parts.push(`${Math.round(fault.probability * 100)} %`);
  return `${words}${seconds} — ${parts.join(", ")}`;
}

export async function showFaults() {
  const faults = await call("faults");
  $("fault-count").textContent = faults.length;
  $("fault-count").hidden = !faults.length;
  $("faults").replaceChildren(...faults.map((fault) => make("li", "", {}, make("span", about(fault)),
    button("×", async () => {
      await call(`faults/${fault.id}`, undefined, "DELETE");
      await showFaults();
    }, { className: "icon" }, t("clear")))));
  if (!faults.length) $("faults").append(make("li", t("no-faults"), { className: "hint" }));
  $("clear-faults").hidden = !faults.length;
}

function callRow({ at, method, chat, text, ok, description, fault }) {
  const time = new Date(at * 1000).toLocaleTimeString();
  const result = [ok ? t("done") : description ?? "", fault ?? ""].filter(Boolean).join(" · ");
  const what = [chat ?? "", text ?? ""].filter(Boolean).join(" ");
  return make("tr", "", { className: ok && !fault ? "" : "bad" }, make("td", time), make("td", method), make("td", what), make("td", result));
}

/** Read on in the log while the panel is open. */
async function watchCalls() {
  while ($("faults-dialog").open) {
    const page = await call(`calls?after=${cursor}&limit=10000&wait=20`);
    cursor = page.after;
    lines = [...lines, ...page.calls.filter(({ method }) => method !== "getUpdates")].slice(-SHOWN);
    $("calls").replaceChildren(...lines.toReversed().map(callRow));
    await showFaults();
  }
}

function newFault({ kind, method, seconds, times, probability, here }) {
  const code = Number(kind.value);
  return {
    ...(code ? { kind: "refuse", code } : { kind: kind.value }),
    ...(kind.value === "slow" ? { seconds: Number(seconds.value) } : {}),
    ...(code === 429 ? { retry_after: Number(seconds.value) } : {}),
    method: method.value || null,
    times: Number(times.value) || null,
    chat: here.checked ? state.chat : null,
    probability: Number(probability.value) / 100,
  };
}

let isWatching = false;

async function openFaults() {
  open("faults-dialog");
  $("limits").checked = (await call("limits")).rates !== null;
  await showFaults();
  if (isWatching) return;
  isWatching = true;
  try {
    await watchCalls();
  } finally {
    isWatching = false;
  }
}

export function listenToFaults() {
  const form = $("new-fault");
  const showSeconds = () => { form.querySelector(".seconds").hidden = !["429", "slow"].includes(form.elements.kind.value); };
  form.elements.kind.onchange = showSeconds;
  $("open-faults").onclick = () => attempt(() => {
    const opening = openFaults();
    showSeconds();
    return opening;
  });
  onSend(form, async (elements) => {
    await call("faults", newFault(elements));
    await showFaults();
  }, { closes: false });
  $("clear-faults").onclick = () => attempt(async () => {
    await call("faults", undefined, "DELETE");
    await showFaults();
  });
  $("limits").onchange = () => attempt(() => call("limits", { rates: $("limits").checked ? {} : null }, "PUT"));
}
