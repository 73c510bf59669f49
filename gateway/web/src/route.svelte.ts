/** Where the person is: `/` or `/teams/<id>`. */

let path = $state(location.pathname);
window.addEventListener("popstate", () => (path = location.pathname));

export const route = {
  /** The team whose board is open. */
  get team(): number | null {
    const [, id] = /^\/teams\/(\d+)\/?$/.exec(path) ?? [];
    return id === undefined ? null : Number(id);
  },
  go(to: string): void {
    if (to !== location.pathname) history.pushState(null, "", to);
    path = to;
  },
};

/** Follow a link of ours without loading the page anew; other buttons and keys stay the browser's. */
export function follow(event: MouseEvent & { currentTarget: HTMLAnchorElement }): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  route.go(new URL(event.currentTarget.href).pathname);
}
