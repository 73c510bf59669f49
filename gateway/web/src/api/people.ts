/** The records of accounts, invites and administration. */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** The person who is signed in; `language` null means the browser's. */
export type Account = Schemas["Me"];
export type AccountChanges = Schemas["MyChanges"];
export type Language = Schemas["Language"];
export type NewAccount = Schemas["NewAccount"];
export type PasswordChange = Schemas["PasswordChange"];
export type Registration = Schemas["Registration"];
export type RegistrationMode = Schemas["RegistrationMode"];
export type Session = Schemas["SessionView"];
export type Scope = Schemas["Scope"];
export type Token = Schemas["Token"];
export type NewToken = Schemas["TokenWish"];
/** The only time that the secret is told. */
export type TokenCreated = Schemas["NewToken"];
export type TelegramLink = Schemas["TelegramLink"];
export type TelegramCode = Schemas["CodeTyped"];

export type Invite = Schemas["Invite"];
export type NewInvite = Schemas["NewInvite"];
/** The only time that the link is told. */
export type InviteCreated = Schemas["InviteLink"];
/** What an invite says to whoever opens it. */
export type InviteLook = Schemas["InviteView"];
