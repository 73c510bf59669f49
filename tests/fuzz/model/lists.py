"""The model's rules of lists."""

from typing import Any

from schemas.errors import ErrorCode
from schemas.members import MemberRole
from tests.fuzz.model.state import Column, Refused
from tests.fuzz.model.teams import Teams


class Lists(Teams):
    def create_list(self, by: int, number: int, name: str) -> None:
        self.role(by, MemberRole.MEMBER)
        self.things["list", number] = Column(name.strip())
        self.columns.append(number)
        self.cards[number] = []

    def update_list(self, by: int, number: int, fields: dict[str, Any], version: int | None) -> None:
        column = self.thing("list", number, by, MemberRole.MEMBER)
        self.check_version(version, column)
        self.set_fields(column, **fields)

    def move_list(self, by: int, number: int, before: int | None, version: int | None) -> None:
        column = self.thing("list", number, by, MemberRole.MEMBER)
        self.check_version(version, column)
        if before == number:
            return
        if before is not None and before not in self.columns:
            raise Refused(ErrorCode.INVALID, "before")
        self.columns.remove(number)
        self.columns.insert(self.columns.index(before) if before else len(self.columns), number)

    def delete_list(self, by: int, number: int, version: int | None) -> None:
        column = self.thing("list", number, by, MemberRole.ADMIN)
        self.check_version(version, column)
        self.set_fields(column, deleted=True)
        self.columns.remove(number)

    def restore_list(self, by: int, number: int) -> None:
        column = self.thing("list", number, by, MemberRole.ADMIN, deleted=True)
        if column.deleted:
            self.set_fields(column, deleted=False)
            self.columns.append(number)
