/** What went wrong, in words for people. */
import { Refused, TooMany } from "./api/http";
import { t } from "./i18n/index.svelte";

export function inWords(error: unknown): string {
  if (error instanceof Refused) return error.problem.detail;
  if (error instanceof TooMany) return t("tooMany", { count: error.seconds });
  return t("unreachable");
}
