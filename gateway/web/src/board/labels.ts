/** Changing the labels of a team. Not optimistic: rare, and best seen when it is true. */
import { call, newKey } from "../api/http";
import type { Label, LabelChanges, NewLabel } from "../api/types";

/** Colours that can be told apart in light and dark; the first that is free is offered. */
export const COLOURS = [
  ...["#d33a2c", "#d9772b", "#c9a227", "#5f9e3e", "#2f9e8f", "#2f7fd3"],
  ...["#5b5bd6", "#9a4fc4", "#cf4f93", "#8a6a4f", "#6b7280", "#1f2937"],
];

export function freshColour(labels: readonly Label[]): string {
  const used = new Set(labels.map((label) => label.colour));
  return COLOURS.find((colour) => !used.has(colour)) ?? (COLOURS[labels.length % COLOURS.length] as string);
}

export function createLabel(team: number, name: string, colour: string): Promise<Label> {
  return call("POST", `/api/teams/${team}/labels/`, { name, colour } satisfies NewLabel, newKey());
}

export function changeLabel(label: Label, changes: LabelChanges): Promise<Label> {
  return call("PATCH", `/api/labels/${label.id}/`, { ...changes, version: label.version }, newKey());
}

export function deleteLabel(label: Label): Promise<void> {
  return call("DELETE", `/api/labels/${label.id}/`, undefined, newKey());
}
