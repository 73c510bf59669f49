/** Time zones as people look for them: by city, with what the clock there says against UTC. */

export interface Zone {
  name: string;
  label: string;
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What an account has that was never told. */
export const UNTOLD = "UTC";

/** All that this browser knows, and what an account may have in any case. */
export function zones(now: Date): Zone[] {
  const names = new Set([UNTOLD, ...Intl.supportedValuesOf("timeZone")]);
  return [...names].map((name) => ({ name, label: `${cityOf(name)}, ${offsetOf(name, now)}` }));
}

/** Whether the browser takes it; its list leaves out the older names of the same places. */
export function isZone(name: string): boolean {
  try {
    return name.trim() !== "" && Boolean(Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

function cityOf(name: string): string {
  return (name.split("/").at(-1) ?? name).replaceAll("_", " ");
}

function offsetOf(name: string, now: Date): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: name, timeZoneName: "shortOffset" }).formatToParts(now);
  return (parts.find((part) => part.type === "timeZoneName")?.value ?? "").replace("GMT", "UTC");
}
