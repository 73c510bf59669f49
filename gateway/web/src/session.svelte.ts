/** Who is signed in here. */
import { call, Refused, whenSignedOut } from "./api/http";
import type { Account, AccountChanges, NewAccount } from "./api/people";
import type { Credentials } from "./api/types";
import { i18n, t } from "./i18n/index.svelte";
import { change, register, whoAmI } from "./people/account";
import { browserZone, UNTOLD } from "./people/zones";
import { toasts } from "./toasts.svelte";

let me = $state.raw<Account | null | undefined>(undefined);
let leaving = false;

/** The account's language is that of the page; an account that takes it back leaves it to the browser again. */
function become(next: Account): void {
  if (next.language) i18n.language = next.language;
  else if (me?.language) i18n.forget();
  me = next;
}

export const session = {
  /** undefined until the server has been asked; null when nobody is. */
  get me(): Account | null | undefined {
    return me;
  },
  async load(): Promise<void> {
    try {
      become(await whoAmI());
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      me = null;
    }
  },
  async signIn(username: string, password: string): Promise<void> {
    become(await call<Account>("POST", "/api/auth/login/", { username, password } satisfies Credentials));
  },
  async register(account: NewAccount): Promise<void> {
    become(await register(account));
  },
  async signOut(): Promise<void> {
    leaving = true;
    try {
      await call("POST", "/api/auth/logout/");
      me = null;
    } finally {
      leaving = false;
    }
  },
  async change(changes: AccountChanges): Promise<void> {
    session.follow(await change(changes));
  },
  /** What the account leaves to each browser, Telegram cannot know: it becomes what this one has. Never fails. */
  async settle(): Promise<void> {
    if (!me) return;
    const language = me.language ?? i18n.language;
    const time_zone = me.time_zone === UNTOLD ? browserZone() : me.time_zone;
    if (language === me.language && time_zone === me.time_zone) return;
    await session.change({ language, time_zone }).catch(() => undefined);
  },
  /** The account has changed, here or elsewhere. */
  follow(next: Account): void {
    if (me?.id === next.id) become(next);
  },
  /** Ask whether this browser is still signed in; a refusal ends in `lost`. Without a line we shall hear of it later. */
  async check(): Promise<void> {
    const next = await whoAmI().catch(() => null);
    if (next) session.follow(next);
  },
  /** The server no longer knows this browser. */
  lost(): void {
    if (me && !leaving) toasts.show(t("signedOut"));
    me = null;
  },
};

whenSignedOut(session.lost);
