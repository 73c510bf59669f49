/** The person's link to Telegram, as the server last told it. */
import type { TelegramLink } from "../api/people";
import { telegramLink } from "../people/account";

let link = $state.raw<TelegramLink | null | undefined>(undefined);
let latest = 0;

export const telegram = {
  /** undefined until somebody has asked for it; null without one. */
  get link(): TelegramLink | null | undefined {
    return link;
  },
  /** Ask for it; raises what the request raises. */
  async ask(): Promise<void> {
    const mine = ++latest;
    const found = await telegramLink();
    if (mine === latest) link = found;
  },
  /** Ask again for what is shown somewhere; without a line it stays as it was. */
  async load(): Promise<void> {
    if (link !== undefined) await telegram.ask().catch(() => undefined);
  },
  /** It is another one now. */
  follow(next: TelegramLink | null): void {
    latest++;
    link = next;
  },
  reset(): void {
    latest++;
    link = undefined;
  },
};
