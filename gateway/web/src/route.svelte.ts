/** Where the person is; `place.ts` says what there is. */
import { placeOf, type Place } from "./place";

const WITHIN = "within"; // the state of an entry of the history that a page of ours led to

let path = $state(location.pathname);
let query = $state(location.search);
window.addEventListener("popstate", () => ([path, query] = [location.pathname, location.search]));

const place = $derived(placeOf(path));

export const route = {
  get place(): Place {
    return place;
  },
  /** The team whose board is open. */
  get team(): number | null {
    return place.page === "board" ? place.team : null;
  },
  /** A parameter behind the `?` of the address. */
  query(name: string): string | null {
    return new URLSearchParams(query).get(name);
  },
  /** The same page with some parameters changed; null takes one away. */
  with(changes: Record<string, string | null>): string {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) value === null ? next.delete(name) : next.set(name, value);
    return next.size > 0 ? `${path}?${next}` : path;
  },
  /** Go to a path of ours, with or without parameters. */
  go(to: string): void {
    if (to !== location.pathname + location.search) history.pushState(WITHIN, "", to);
    [path, query] = [location.pathname, location.search];
  },
  /** Back to where the person was, or to a path of ours if they came from elsewhere. */
  back(otherwise: string): void {
    if (history.state === WITHIN) history.back();
    else route.turn(otherwise);
  },
  /** Go there, and let the way back lead past here. */
  turn(to: string): void {
    history.replaceState(history.state, "", to);
    [path, query] = [location.pathname, location.search];
  },
};

/** Follow a link of ours without loading the page anew; other buttons and keys stay the browser's. */
export function follow(event: MouseEvent & { currentTarget: HTMLAnchorElement }): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { pathname, search } = new URL(event.currentTarget.href);
  route.go(pathname + search);
}
