/** Which place of the board a point of the screen means. */
import type { Place } from "./placement";

/** The place under a point: the nearest list, and there the first card whose middle is below the point. */
export function placeAt(x: number, y: number, task: number): Place | null {
  const columns = [...document.querySelectorAll<HTMLElement>("[data-list]")];
  const distance = (column: HTMLElement): number => {
    const { left, right } = column.getBoundingClientRect();
    return Math.max(left - x, x - right, 0);
  };
  const column = columns.sort((a, b) => distance(a) - distance(b))[0];
  const list = column?.querySelector<HTMLElement>("[data-scroll]");
  if (!column || !list) return null;
  const height = y - list.getBoundingClientRect().top + list.scrollTop;
  return { list: Number(column.dataset["list"]), before: cardBelow(list, height, task) };
}

/** Measured as if the drop place were not there, so that it does not run away from the pointer. */
function cardBelow(list: HTMLElement, height: number, task: number): number | null {
  let shift = 0;
  for (const item of list.children as HTMLCollectionOf<HTMLElement>) {
    const card = item.querySelector<HTMLElement>("[data-task]");
    if (!card) continue;
    const id = Number(card.dataset["task"]);
    if (id !== task && item.offsetTop - shift + card.offsetHeight / 2 > height) return id;
    shift += item.offsetHeight - card.offsetHeight;
  }
  return null;
}
