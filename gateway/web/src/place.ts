/** What an address of the client means. */

export const TABS = ["users", "teams", "lists", "tasks", "memberships", "deliveries", "audit"] as const;
export type Tab = (typeof TABS)[number];

export type Place =
  | { page: "teams" | "profile" | "register" | "search" | "not-found" }
  | { page: "board"; team: number }
  | { page: "invite"; code: string }
  | { page: "admin"; tab: Tab };

/** The place at a path; a path of nobody's is the page that says so. */
export function placeOf(path: string): Place {
  const [first = "teams", second, ...more] = path.split("/").filter(Boolean);
  const nowhere: Place = { page: "not-found" };
  if (more.length > 0) return nowhere;
  switch (first) {
    case "profile":
    case "register":
    case "search":
      return second === undefined ? { page: first } : nowhere;
    case "teams":
      return second === undefined ? { page: first } : /^\d{1,16}$/.test(second) ? { page: "board", team: Number(second) } : nowhere;
    case "invite":
      return second !== undefined && /^[\w-]+$/.test(second) ? { page: first, code: second } : nowhere;
    case "admin": {
      const tab = TABS.find((one) => one === (second ?? TABS[0]));
      return tab ? { page: first, tab } : nowhere;
    }
    default:
      return nowhere;
  }
}
