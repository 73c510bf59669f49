/** Keeps the person's socket for as long as they are signed in. */
import { session } from "../session.svelte";
import { toasts } from "../toasts.svelte";
import { Feed, type Ears, type Line } from "./feed";

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

/** Begin; the answer ends it. */
export function listen(): () => void {
  const feed = new Feed({
    open: openLine,
    notify: (text) => toasts.show(text),
    account: session.follow,
    signedOut: () => void session.check(),
    returned: () => void session.check(),
    visible: () => document.visibilityState === "visible",
    random: Math.random,
  });
  const hurry = (): void => feed.hurry();
  const seen = (): void => feed.beat();
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", seen);
  feed.start();
  return () => {
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", seen);
    feed.stop();
  };
}
