"""The model's rules of teams, their members, and who is invited."""

from typing import Any

from schemas.errors import ErrorCode
from schemas.members import MemberRole
from tests.fuzz.model.state import Door, Refused, State


class Teams(State):
    def rename_team(self, by: int, name: str, version: int | None) -> None:
        self.role(by, MemberRole.ADMIN)
        team = self.things["team", 0]
        self.check_version(version, team)
        self.set_fields(team, name=name.strip())

    def transfer_team(self, by: int, to: int) -> None:
        self.role(by, MemberRole.OWNER)
        if self._member(to) == MemberRole.OWNER:
            raise Refused(ErrorCode.CONFLICT, "to")
        self.things["member", to] = MemberRole.OWNER
        self.things["member", by] = MemberRole.ADMIN

    def delete_team(self, by: int, version: int | None) -> None:
        self.role(by, MemberRole.OWNER)
        self.check_version(version, self.things["team", 0])
        self.set_fields(self.things["team", 0], deleted=True)

    def restore_team(self, by: int) -> None:
        """In the trash, only its owners find it."""
        team = self.things["team", 0]
        if not team.deleted:
            self.role(by, MemberRole.OWNER)
        elif self.things.get(("member", by)) != MemberRole.OWNER:
            raise Refused(ErrorCode.NOT_FOUND)
        self.set_fields(team, deleted=False)

    def add_member(self, by: int, user: int, role: MemberRole) -> None:
        self.role(by, MemberRole.ADMIN)
        if ("member", user) in self.things:
            raise Refused(ErrorCode.CONFLICT, "username")
        self._check_may_manage(by, role)
        self.things["member", user] = role

    def change_role(self, by: int, user: int, role: MemberRole) -> None:
        self.role(by, MemberRole.ADMIN)
        had = self._member(user)
        if had != role:
            self._check_may_manage(by, had, role)
            self._check_owner_remains(user)
            self.things["member", user] = role

    def remove_member(self, by: int, user: int) -> None:
        self.role(by, MemberRole.VIEWER if by == user else MemberRole.ADMIN)
        had = self._member(user)
        if by != user:
            self._check_may_manage(by, had)
        self._check_owner_remains(user)
        for card in self.of("task").values():
            if card.assignee == user and not card.done and not card.deleted:
                self.set_fields(card, assignee=None)
        del self.things["member", user]

    def _member(self, user: int) -> MemberRole:
        if ("member", user) not in self.things:
            raise Refused(ErrorCode.NOT_FOUND)
        return self.things["member", user]

    def _check_may_manage(self, by: int, *roles: MemberRole) -> None:
        """Only owners make and unmake admins and owners."""
        if {*roles} & {MemberRole.ADMIN, MemberRole.OWNER} and self.things["member", by] != MemberRole.OWNER:
            raise Refused(ErrorCode.FORBIDDEN)

    def _check_owner_remains(self, user: int) -> None:
        if [one for one, role in self.of("member").items() if role == MemberRole.OWNER] == [user]:
            raise Refused(ErrorCode.CONFLICT, "role")

    def create_invite(self, by: int, number: int, role: MemberRole, uses: int | None) -> None:
        self.role(by, MemberRole.ADMIN)
        if role == MemberRole.OWNER:
            raise Refused(ErrorCode.INVALID, "role")
        self._check_may_manage(by, role)
        self.things["invite", number] = Door(role, by, uses)

    def revoke_invite(self, by: int, number: int) -> None:
        if ("invite", number) not in self.things:
            raise Refused(ErrorCode.NOT_FOUND)
        self.role(by, MemberRole.ADMIN)
        del self.things["invite", number]

    def accept_invite(self, by: int, number: int) -> None:
        door = self.things.get(("invite", number))
        if door is None or not self._holds(door):
            raise Refused(ErrorCode.NOT_FOUND)
        if ("member", by) in self.things:
            raise Refused(ErrorCode.CONFLICT)
        self.things["member", by] = door.role
        if door.uses is not None:
            door.uses -= 1
        if door.uses == 0:
            del self.things["invite", number]

    def _holds(self, door: Door) -> bool:
        """For as long as who opened it might open it."""
        try:
            self.role(door.by, MemberRole.ADMIN)
            self._check_may_manage(door.by, door.role)
        except Refused:
            return False
        return True

    @staticmethod
    def set_fields(thing: Any, **fields: Any) -> None:
        """Change some fields; when one did change, that is one version more."""
        if any(getattr(thing, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(thing, name, value)
            thing.version += 1
