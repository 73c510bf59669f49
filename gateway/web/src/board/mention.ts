/** Completing `@name` while somebody types it. */
import type { Member } from "../api/types";

export interface Typed {
  /** Where the `@` stands. */
  from: number;
  to: number;
  word: string;
}

const MOST = 6;

/** The mention that the caret is in, if there is one. */
export function typedAt(text: string, caret: number): Typed | null {
  const found = /(?<![\w@.+-])@([\w.+-]*)$/.exec(text.slice(0, caret));
  return found ? { from: found.index, to: caret, word: found[1] ?? "" } : null;
}

/** Whom the word may mean: usernames and names that begin so come first. */
export function candidates(members: readonly Member[], word: string): Member[] {
  const small = word.toLocaleLowerCase();
  const place = ({ username, name }: Member): number => {
    const places = [username, ...name.split(/\s+/)].map((part) => part.toLocaleLowerCase().indexOf(small));
    return Math.min(...places.map((at) => (at < 0 ? Infinity : at)));
  };
  return members
    .filter((member) => place(member) < Infinity)
    .sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name))
    .slice(0, MOST);
}

/** The text with the mention in it, and where the caret goes. */
export function completed(text: string, { from, to }: Typed, username: string): { text: string; caret: number } {
  const before = `${text.slice(0, from)}@${username} `;
  return { text: before + text.slice(to).replace(/^ /, ""), caret: before.length };
}
