/** What a person does with their own account. */
import { call, newKey } from "../api/http";
import type {
  Account,
  AccountChanges,
  NewAccount,
  NewToken,
  PasswordChange,
  Registration,
  RegistrationMode,
  Session,
  TelegramCode,
  TelegramLink,
  Token,
  TokenCreated,
} from "../api/people";

const SESSIONS = "/api/auth/sessions/";
const TOKENS = "/api/auth/tokens/";

export const whoAmI = (): Promise<Account> => call("GET", "/api/auth/me/");

export const change = (changes: AccountChanges): Promise<Account> => call("PATCH", "/api/auth/me/", changes);

export const changePassword = (old: string, next: string): Promise<void> =>
  call("POST", "/api/auth/password/", { old, new: next } satisfies PasswordChange);

export const register = (account: NewAccount): Promise<Account> => call("POST", "/api/auth/register/", account);

export async function registrationMode(): Promise<Registration> {
  return (await call<RegistrationMode>("GET", "/api/auth/registration/")).mode;
}

export const listSessions = (): Promise<Session[]> => call("GET", SESSIONS);
export const endSession = (id: string): Promise<void> => call("DELETE", `${SESSIONS}${id}/`);
export const endOtherSessions = (): Promise<void> => call("DELETE", SESSIONS);

export const listTokens = (): Promise<Token[]> => call("GET", TOKENS);
export const createToken = (token: NewToken): Promise<TokenCreated> => call("POST", TOKENS, token, newKey());
export const revokeToken = (id: number): Promise<void> => call("DELETE", `${TOKENS}${id}/`);

export const telegramLink = (): Promise<TelegramLink | null> => call("GET", "/api/telegram/link/");
export const confirmTelegram = (code: string): Promise<void> => call("POST", "/api/telegram/confirm/", { code } satisfies TelegramCode);
export const unlinkTelegram = (): Promise<void> => call("DELETE", "/api/telegram/link/");
