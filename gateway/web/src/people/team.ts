/** Invite links, and what only an owner does with a team. */
import { call, newKey } from "../api/http";
import type { Invite, InviteCreated, InviteLook, NewInvite } from "../api/people";
import type { MyTeam } from "../api/types";

const invites = (team: number): string => `/api/teams/${team}/invites/`;

export const listInvites = (team: number): Promise<Invite[]> => call("GET", invites(team));
export const createInvite = (team: number, invite: NewInvite): Promise<InviteCreated> =>
  call("POST", invites(team), invite, newKey());
export const revokeInvite = (invite: Invite): Promise<void> => call("DELETE", `${invites(invite.team)}${invite.id}/`);

export const lookAtInvite = (code: string): Promise<InviteLook> => call("GET", `/api/invites/${code}/`);
export const acceptInvite = (code: string): Promise<MyTeam> => call("POST", `/api/invites/${code}/accept/`);

export const transferTeam = (team: number, to: number): Promise<MyTeam> =>
  call("POST", `/api/teams/${team}/transfer/`, { to }, newKey());
export const deleteTeam = (team: number): Promise<void> => call("DELETE", `/api/teams/${team}/`, undefined, newKey());
export const restoreTeam = (team: number): Promise<MyTeam> =>
  call("POST", `/api/teams/${team}/restore/`, undefined, newKey());
