/** Changing the team itself and who is in it. Not optimistic: rare, and best seen when it is true. */
import { call, newKey } from "../api/http";
import type { Member, MemberChanges, MyTeam, NewMember, Role, TeamChanges } from "../api/types";

const ROLES: Role[] = ["viewer", "member", "admin", "owner"];

/** The roles that somebody of this role gives and takes: owners all, admins those below them, others none. */
export function manages(role: Role): Role[] {
  if (role === "owner") return ROLES;
  return role === "admin" ? ["viewer", "member"] : [];
}

const members = (team: number): string => `/api/teams/${team}/members/`;

export function renameTeam(team: MyTeam, name: string): Promise<MyTeam> {
  return call("PATCH", `/api/teams/${team.id}/`, { name, version: team.version } satisfies TeamChanges, newKey());
}

export function addMember(team: number, username: string, role: Role): Promise<Member> {
  return call("POST", members(team), { username, role } satisfies NewMember, newKey());
}

export function changeRole(member: Member, role: Role): Promise<Member> {
  return call("PATCH", `${members(member.team)}${member.user}/`, { role } satisfies MemberChanges, newKey());
}

export function removeMember(member: Member): Promise<void> {
  return call("DELETE", `${members(member.team)}${member.user}/`, undefined, newKey());
}
