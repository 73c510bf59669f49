"""What the stateful test may do: a class of rules for each noun; a new command gets its rule here and in the model."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from msgspec import UNSET

from schemas.comments import AddComment, DeleteComment, EditComment
from schemas.errors import BusError
from schemas.history import Undo
from schemas.invites import AcceptInvite, CreateInvite, RevokeInvite
from schemas.labels import CreateLabel, DeleteLabel, UpdateLabel
from schemas.lists import CreateList, DeleteList, MoveList, RestoreList, UpdateList
from schemas.members import ChangeRole, MemberRole, RemoveMember
from schemas.teams import DeleteTeam, RenameTeam, RestoreTeam, TransferTeam
from tests.fuzz.machine import OFF, PICK, WHO, Machine, id_of
from tests.fuzz.shown import assert_same, shown, without_counts

NAMES = st.sampled_from(["Later", " Later ", "later", "Ночь"])
ROLES = st.sampled_from(MemberRole)


class TeamRules(Machine):
    @rule(who=WHO, name=NAMES, off=OFF)
    def rename_team(self, who: int, name: str, off: int | None) -> None:
        version = self.version("team", 0, off)
        command = RenameTeam(by=self.user(who), team=self.team, name=name, version=version)
        self.do(command, lambda _: self.model.rename_team(command.by, name, version))

    @rule(who=WHO, whom=st.integers(3, 5), role=ROLES)
    def add_member(self, who: int, whom: int, role: MemberRole) -> None:
        self.join(self.user(who), self.people[whom], role)

    @rule(who=WHO, whom=st.integers(1, 5))
    def transfer_team(self, who: int, whom: int) -> None:
        command = TransferTeam(by=self.user(who), team=self.team, to=self.user(whom))
        self.do(command, lambda _: self.model.transfer_team(command.by, command.to))

    @rule(who=WHO, off=OFF, other=WHO)
    def delete_and_restore_team(self, who: int, off: int | None, other: int) -> None:
        """Not in the trash for long: nothing can be done there, so nothing could go wrong."""
        deletion = DeleteTeam(by=self.user(who), team=self.team, version=self.version("team", 0, off))
        self.do(deletion, lambda _: self.model.delete_team(deletion.by, deletion.version))
        row = CreateList(by=self.user(other), team=self.team, name="In the trash")
        self.do(row, lambda made: self.model.create_list(row.by, id_of(made), row.name))
        for by in (self.user(other), deletion.by):
            command = RestoreTeam(by=by, team=self.team)
            self.do(command, lambda _, by=by: self.model.restore_team(by))

    @rule(who=WHO, whom=WHO, role=ROLES)
    def change_role(self, who: int, whom: int, role: MemberRole) -> None:
        command = ChangeRole(by=self.user(who), team=self.team, user=self.user(whom), role=role)
        self.do(command, lambda _: self.model.change_role(command.by, command.user, role))

    @rule(who=WHO, whom=st.integers(1, 5))
    def remove_member(self, who: int, whom: int) -> None:
        command = RemoveMember(by=self.user(who), team=self.team, user=self.user(whom))
        self.do(command, lambda _: self.model.remove_member(command.by, command.user))


class InviteRules(Machine):
    @initialize()
    def forget_codes(self) -> None:
        self.codes: dict[int, str] = {}

    @rule(who=WHO, role=ROLES, uses=st.sampled_from([None, 1, 2]))
    def create_invite(self, who: int, role: MemberRole, uses: int | None) -> None:
        soon = datetime.now(UTC) + timedelta(hours=1)
        command = CreateInvite(by=self.user(who), team=self.team, role=role, expires_at=soon, uses=uses)

        def act(made: Any) -> None:
            number = 0 if isinstance(made, BusError) else made.invite.id
            self.model.create_invite(command.by, number, role, uses)
            self.codes[number] = made.code

        self.do(command, act)

    @rule(who=WHO, which=PICK)
    def revoke_invite(self, who: int, which: int) -> None:
        command = RevokeInvite(by=self.user(who), invite=self.pick("invite", which))
        self.do(command, lambda _: self.model.revoke_invite(command.by, command.invite))

    @rule(whom=st.integers(2, 5), which=PICK)
    def accept_invite(self, whom: int, which: int) -> None:
        number, person = self.pick("invite", which), self.people[whom]
        command = AcceptInvite(by=person.user, person=person, code=self.codes.get(number, "no-such-code"))
        self.do(command, lambda _: self.model.accept_invite(command.by, number))


class ListRules(Machine):
    @rule(who=WHO, name=NAMES)
    def create_list(self, who: int, name: str) -> None:
        command = CreateList(by=self.user(who), team=self.team, name=name)
        self.do(command, lambda made: self.model.create_list(command.by, id_of(made), name))

    @rule(who=WHO, which=PICK, name=NAMES | st.none(), limit=st.sampled_from([UNSET, None, 1, 2, 3]), off=OFF)
    def update_list(self, who: int, which: int, name: str | None, limit: Any, off: int | None) -> None:
        number = self.pick("list", which)
        version = self.version("list", number, off)
        command = UpdateList(by=self.user(who), list=number, name=name or UNSET, wip_limit=limit, version=version)
        fields = {} if name is None else {"name": name.strip()}
        fields |= {} if limit is UNSET else {"limit": limit}
        self.do(command, lambda _: self.model.update_list(command.by, number, fields, version))

    @rule(who=WHO, which=PICK, before=PICK | st.none(), off=OFF)
    def move_list(self, who: int, which: int, before: int | None, off: int | None) -> None:
        number = self.pick("list", which)
        target, version = None if before is None else self.pick("list", before), self.version("list", number, off)
        command = MoveList(by=self.user(who), list=number, before=target, version=version)
        self.do(command, lambda _: self.model.move_list(command.by, number, target, version), replaces=True)

    @rule(who=WHO, which=PICK, off=OFF)
    def delete_list(self, who: int, which: int, off: int | None) -> None:
        number = self.pick("list", which)
        command = DeleteList(by=self.user(who), list=number, version=self.version("list", number, off))
        self.do(command, lambda _: self.model.delete_list(command.by, number, command.version))

    @rule(who=WHO, which=PICK)
    def restore_list(self, who: int, which: int) -> None:
        command = RestoreList(by=self.user(who), list=self.pick("list", which))
        self.do(command, lambda _: self.model.restore_list(command.by, command.list), replaces=True)


class LabelRules(Machine):
    @rule(who=WHO, name=NAMES)
    def create_label(self, who: int, name: str) -> None:
        command = CreateLabel(by=self.user(who), team=self.team, name=name, colour="#ff0000")
        self.do(command, lambda made: self.model.create_label(command.by, id_of(made), name, command.colour))

    @rule(who=WHO, which=PICK, name=NAMES | st.none(), off=OFF)
    def update_label(self, who: int, which: int, name: str | None, off: int | None) -> None:
        number = self.pick("label", which)
        version = self.version("label", number, off)
        fields = {"colour": "#0000ff"} if name is None else {"name": name}
        command = UpdateLabel(by=self.user(who), label=number, version=version, **fields)
        kept = {field: value.strip() for field, value in fields.items()}
        self.do(command, lambda _: self.model.update_label(command.by, number, kept, version))

    @rule(who=WHO, which=PICK, off=OFF)
    def delete_label(self, who: int, which: int, off: int | None) -> None:
        number = self.pick("label", which)
        command = DeleteLabel(by=self.user(who), label=number, version=self.version("label", number, off))
        self.do(command, lambda _: self.model.delete_label(command.by, number, command.version))


class CommentRules(Machine):
    @rule(who=WHO, which=PICK, text=NAMES)
    def add_comment(self, who: int, which: int, text: str) -> None:
        command = AddComment(by=self.user(who), task=self.pick("task", which), text=text)
        self.do(command, lambda made: self.model.add_comment(command.by, id_of(made), command.task, text))

    @rule(who=WHO, which=PICK, text=NAMES, off=OFF)
    def edit_comment(self, who: int, which: int, text: str, off: int | None) -> None:
        number = self.pick("comment", which)
        version = self.version("comment", number, off)
        command = EditComment(by=self.user(who), comment=number, text=text, version=version)
        self.do(command, lambda _: self.model.edit_comment(command.by, number, text, version))

    @rule(who=WHO, which=PICK, off=OFF)
    def delete_comment(self, who: int, which: int, off: int | None) -> None:
        number = self.pick("comment", which)
        command = DeleteComment(by=self.user(who), comment=number, version=self.version("comment", number, off))
        self.do(command, lambda _: self.model.delete_comment(command.by, number, command.version))


class UndoRules(Machine):
    @rule(who=WHO)
    def undo(self, who: int) -> None:
        self.take_back(self.user(who))

    @precondition(lambda self: self.model.changes)
    @rule()
    def undo_at_once(self) -> None:
        """Whoever did the last thing takes it back: then all is as it was, but for what counts on."""
        last = self.model.changes[-1]
        before = without_counts(last.shown_before) if last.shown_before else None
        self.take_back(last.by)
        if last.undone and before is not None:
            assert_same(without_counts(shown(self.board())), before, f"after {self.asked}")

    def take_back(self, by: Any) -> None:
        command = Undo(by=by, team=self.team)
        self.do(command, lambda _: self.model.undo(by), undoes=True, replaces=True)
