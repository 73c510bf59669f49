// Text and entities to DOM nodes. Everything goes in as text, so nothing a person types can become markup.

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote",
  spoiler: "span", text_link: "a", bot_command: "span",
};

function element(entity) {
  const node = document.createElement(TAGS[entity.type] ?? "span");
  if (entity.type === "spoiler") {
    node.className = "spoiler";
    node.tabIndex = 0;
  }
  if (entity.type === "text_link" && /^(https?|tg):/i.test(entity.url ?? "")) {
    node.href = entity.url;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  return node;
}

/** Nodes for `text` between two positions; entities are sorted, outer before inner, and count UTF-16 units as we do. */
export function formatted(text, entities, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index];
    const end = entity.offset + entity.length;
    if (entity.offset < at || end > to) continue;
    nodes.push(document.createTextNode(text.slice(at, entity.offset)));
    const node = element(entity);
    const inner = entities.slice(index + 1).filter((other) => other.offset + other.length <= end);
    node.append(...formatted(text, inner, entity.offset, end));
    nodes.push(node);
    at = end;
  }
  nodes.push(document.createTextNode(text.slice(at, to)));
  return nodes;
}
