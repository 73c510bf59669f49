// Text and entities to DOM nodes. Everything goes in as text, so nothing a person types can become markup.

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote",
  spoiler: "span", text_link: "a", url: "a", bot_command: "button", mention: "b", text_mention: "b",
};

const FOUND = /(?<!\S)\/[A-Za-z0-9_]{1,32}(?:@\w+)?|https?:\/\/[^\s<>"]*[^\s<>".,;:!?)']/g;

function element(type, text, url, command) {
  const node = document.createElement(TAGS[type] ?? "span");
  if (type === "spoiler") {
    node.className = "spoiler";
    node.tabIndex = 0;
  }
  const address = type === "url" ? text : url;
  if (node.tagName === "A" && /^(https?|tg):/i.test(address ?? "")) {
    node.href = address;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  if (type === "bot_command") {
    node.type = "button";
    node.className = "command";
    node.onclick = () => command(text);
  }
  return node;
}

/** Plain text, with the commands and addresses that Telegram's own programs would find in it. */
function plain(text, command) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(FOUND)) {
    const node = element(found[0].startsWith("/") ? "bot_command" : "url", found[0], null, command);
    node.textContent = found[0];
    nodes.push(document.createTextNode(text.slice(at, found.index)), node);
    at = found.index + found[0].length;
  }
  nodes.push(document.createTextNode(text.slice(at)));
  return nodes;
}

/**
 * Nodes for `text` between two positions; entities are sorted, outer before inner, and count UTF-16 units as we do.
 * `command` is called with a command that is clicked.
 */
export function formatted(text, entities, command, from = 0, to = text.length, isInside = false) {
  const leaf = (part) => (isInside ? [document.createTextNode(part)] : plain(part, command));
  const nodes = [];
  let at = from;
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index];
    const end = entity.offset + entity.length;
    if (entity.offset < at || end > to) continue;
    nodes.push(...leaf(text.slice(at, entity.offset)));
    const node = element(entity.type, text.slice(entity.offset, end), entity.url, command);
    const inner = entities.slice(index + 1).filter((other) => other.offset + other.length <= end);
    const holdsText = ["A", "BUTTON", "CODE", "PRE"].includes(node.tagName);
    node.append(...formatted(text, inner, command, entity.offset, end, holdsText));
    nodes.push(node);
    at = end;
  }
  nodes.push(...leaf(text.slice(at, to)));
  return nodes;
}
