/** Who is signed in here. */
import { call, Refused, whenSignedOut } from "./api/http";
import type { Credentials, Me } from "./api/types";
import { t } from "./i18n/index.svelte";
import { toasts } from "./toasts.svelte";

let me = $state.raw<Me | null | undefined>(undefined);

export const session = {
  /** undefined until the server has been asked; null when nobody is. */
  get me(): Me | null | undefined {
    return me;
  },
  async load(): Promise<void> {
    try {
      me = await call<Me>("GET", "/api/auth/me/");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      me = null;
    }
  },
  async signIn(username: string, password: string): Promise<void> {
    me = await call<Me>("POST", "/api/auth/login/", { username, password } satisfies Credentials);
  },
  async signOut(): Promise<void> {
    await call("POST", "/api/auth/logout/");
    me = null;
  },
  /** The server no longer knows this browser. */
  lost(): void {
    if (me) toasts.show(t("signedOut"));
    me = null;
  },
};

whenSignedOut(session.lost);
