/** Keeps the person's socket for as long as they are signed in. */
import { inbox } from "../notices/inbox.svelte";
import { telegram } from "../notices/telegram.svelte";
import { Telling } from "../notices/telling";
import { tellingPorts } from "../notices/toast";
import { session } from "../session.svelte";
import { Attention, isInput, TOUCHES } from "./attention";
import { Feed, type Ears, type Line, type Notify } from "./feed";

const HIDDEN = 1000; // milliseconds until that is said

function openLine(ears: Ears): Line {
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/user/`);
  socket.onopen = ears.opened;
  socket.onmessage = ({ data }) => ears.frame(String(data));
  socket.onclose = ({ code }) => ears.closed(code);
  return { send: (text) => socket.send(text), close: () => leave(socket) };
}

/** A socket that is closed before it is open makes the browser complain. */
function leave(socket: WebSocket): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}

const isVisible = (): boolean => document.visibilityState === "visible";

/** Begin; the answer ends it. */
export function listen(): () => void {
  const attention = new Attention(() => performance.now());
  const telling = new Telling(tellingPorts(isVisible, (notices) => feed.acknowledge(notices)));
  const feed = new Feed({
    open: openLine,
    notify: (told) => hear(told, telling),
    inbox: (unread) => inbox.counted(unread),
    telegram: (link) => telegram.follow(link),
    account: session.follow,
    signedOut: () => void session.check(),
    returned: catchUp,
    visible: isVisible,
    idle: () => attention.idle,
    random: Math.random,
  });
  const hurry = (): void => feed.hurry();
  const touched = (event: Event): void => void (isInput(event) && attention.touch() && feed.beat());
  const looked = (): void => {
    if (!isVisible()) {
      setTimeout(() => feed.beat(), HIDDEN); // a page that is loaded again is hidden first, and nobody has gone away
      return;
    }
    attention.touch(); // somebody chose this page
    feed.beat();
    telling.looked();
  };
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", looked);
  for (const input of TOUCHES) window.addEventListener(input, touched, { capture: true, passive: true });
  void inbox.load();
  feed.start();
  return () => {
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", looked);
    for (const input of TOUCHES) window.removeEventListener(input, touched, { capture: true });
    feed.stop();
    inbox.reset();
    telegram.reset();
  };
}

function hear(told: Notify, telling: Telling): void {
  inbox.heard(told);
  telling.hear(told);
}

/** The line had been down: whatever was said meanwhile is asked for. */
function catchUp(): void {
  void session.check();
  void inbox.load();
  void telegram.load();
}
