/** Which cards a person wants to see. */
import type { Task } from "../api/types";
import type { Column } from "./view";

export interface Filter {
  words: string;
  mine: boolean;
}

export function isFiltering(filter: Filter): boolean {
  return filter.mine || filter.words.trim() !== "";
}

export function filtered(columns: readonly Column[], filter: Filter, me: number): readonly Column[] {
  if (!isFiltering(filter)) return columns;
  const words = filter.words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const shows = (task: Task): boolean => (!filter.mine || task.assignee === me) && words.every((word) => says(task, word));
  return columns.map((column) => ({ ...column, cards: column.cards.filter((card) => shows(card.task)) }));
}

/** A word is in the title or the description, or is the number that people type to the bot. */
function says(task: Task, word: string): boolean {
  const text = `${task.title}\n${task.description}`.toLocaleLowerCase();
  return text.includes(word) || word === `#${task.id}`;
}
