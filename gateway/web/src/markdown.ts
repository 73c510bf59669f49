/**
 * Markdown as a safe piece of document. Two fences: HTML in the text is shown as it was typed, and whatever the
 * renderer makes passes DOMPurify, which lets the tags of Markdown through and nothing else.
 */
import DOMPurify, { type Config } from "dompurify";
import { Marked, type Tokens } from "marked";

const TAGS = [
  ...["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "ul", "ol", "li"],
  ...["strong", "em", "del", "a", "table", "thead", "tbody", "tr", "th", "td"],
];
const SAFE: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ["href", "title", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|\/(?![/\\]))/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const MENTION = /(?<![\w@.+-])@([A-Za-z0-9_.@+-]{1,64})/g; // as the store reads them

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }) => escaped(text),
    image: (token) => link(token),
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/** The text as nodes; `isKnown` says whose names are mentions. */
export function render(text: string, isKnown: (username: string) => boolean = () => false): DocumentFragment {
  const fragment = DOMPurify.sanitize(toHtml(text), SAFE);
  for (const anchor of fragment.querySelectorAll("a")) {
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer nofollow";
  }
  markMentions(fragment, isKnown);
  return fragment;
}

/** What the first fence makes of it. */
export function toHtml(text: string): string {
  return marked.parse(text, { async: false });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Pictures would be fetched from elsewhere the moment that somebody looks: they become links. */
function link({ href, text }: Tokens.Image): string {
  return `<a href="${escaped(href)}">${escaped(text || href)}</a>`;
}

function markMentions(fragment: DocumentFragment, isKnown: (username: string) => boolean): void {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);
  for (const text of texts) if (!text.parentElement?.closest("a, code")) markMention(text, isKnown);
}

function markMention(text: Text, isKnown: (username: string) => boolean): void {
  const found = [...text.data.matchAll(MENTION)].reverse(); // from the end, so that the places before stay
  for (const { index, 1: name = "" } of found) {
    const username = name.replace(/\.+$/, "");
    if (!isKnown(username)) continue;
    const rest = text.splitText(index);
    rest.splitText(username.length + 1);
    const mark = document.createElement("mark");
    mark.textContent = rest.data;
    rest.replaceWith(mark);
  }
}
