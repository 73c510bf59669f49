/** One request to the gateway, and the two ways in which it fails. */
import type { Problem } from "./types";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The gateway said no; `problem.detail` says why in words for people. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail);
  }
}

/** No answer, or one that leaves open whether the request was carried out: the same key may be sent again. */
export class Unreachable extends Error {}

/** Asked too often; it was not tried. */
export class TooMany extends Unreachable {
  /** `seconds` is how long to wait. */
  constructor(readonly seconds: number) {
    super("asked too often");
  }
}

/** Answers that promise nothing about the request; 503 says that it was not even tried. */
const UNDECIDED = new Set([502, 503, 504]);

let signedOut = (): void => undefined;

/** What to do when the server says that nobody is signed in here. */
export function whenSignedOut(run: () => void): void {
  signedOut = run;
}

const PATIENCE = 15_000; // milliseconds

/** Send `body` as JSON and read the JSON answer; a 204 gives undefined. */
export async function call<T>(method: Method, path: string, body?: unknown, key?: string): Promise<T> {
  const response = await reach(method, path, body, key);
  if (response.status === 429) throw new TooMany(Number(response.headers.get("Retry-After")) || 1);
  if (UNDECIDED.has(response.status)) throw new Unreachable(response.statusText);
  if (response.status === 401) signedOut();
  if (!response.ok) throw new Refused(response.status, await problem(response));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Say something on the way out: it is sent even while the page goes, and nobody waits for an answer. */
export function tell(path: string, body: unknown): void {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const sent = fetch(path, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
  void sent.then((answer) => answer.arrayBuffer()).catch(() => undefined); // unread, it would hold the line
}

async function reach(method: Method, path: string, body: unknown, key: string | undefined): Promise<Response> {
  // The page's language may be another one than the browser's; what is refused is said in it.
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key !== undefined) headers["Idempotency-Key"] = key;
  const content = body === undefined ? null : JSON.stringify(body);
  try {
    return await fetch(path, { method, headers, body: content, signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new Unreachable("no answer", { cause: error });
  }
}

/** The problem document, or one made up from the status line when a proxy answered in its own words. */
async function problem(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const title = response.statusText || String(response.status);
  return { type: "about:blank", title, detail: title, ...said, status: response.status };
}

/** A new idempotency key. `crypto.randomUUID` is missing where the page came over plain http. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
