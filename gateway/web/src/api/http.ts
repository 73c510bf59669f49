/** One request to the gateway, and the two ways in which it fails. */
import type { Problem } from "./types";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

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

/** Answers that promise nothing about the request; 429 and 503 say that it was not even tried. */
const UNDECIDED = new Set([429, 502, 503, 504]);

let signedOut = (): void => undefined;

/** What to do when the server says that nobody is signed in here. */
export function whenSignedOut(run: () => void): void {
  signedOut = run;
}

const PATIENCE = 15_000; // milliseconds

/** Send `body` as JSON and read the JSON answer; a 204 gives undefined. */
export async function call<T>(method: Method, path: string, body?: unknown, key?: string): Promise<T> {
  const response = await reach(method, path, body, key);
  if (UNDECIDED.has(response.status)) throw new Unreachable(response.statusText);
  if (response.status === 401) signedOut();
  if (!response.ok) throw new Refused(response.status, await problem(response));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function reach(method: Method, path: string, body: unknown, key: string | undefined): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
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
