"""The model's rules of labels and comments."""

from typing import Any

from schemas.errors import ErrorCode
from schemas.members import MemberRole
from tests.fuzz.model.state import Refused, Remark, Tag
from tests.fuzz.model.tasks import Tasks


class Talk(Tasks):
    def create_label(self, by: int, number: int, name: str, colour: str) -> None:
        self.role(by, MemberRole.MEMBER)
        self.check_label_name(name.strip())
        self.things["label", number] = Tag(name.strip(), colour)

    def update_label(self, by: int, number: int, fields: dict[str, Any], version: int | None) -> None:
        tag = self.thing("label", number, by, MemberRole.MEMBER)
        self.check_version(version, tag)
        if "name" in fields:
            self.check_label_name(fields["name"], number)
        self.set_fields(tag, **fields)

    def delete_label(self, by: int, number: int, version: int | None) -> None:
        tag = self.thing("label", number, by, MemberRole.MEMBER)
        self.check_version(version, tag)
        self.set_fields(tag, deleted=True)

    def check_label_name(self, name: str, but: int = 0) -> None:
        """No two labels of a team have one name, whatever the case of its letters."""
        others = [tag for number, tag in self.of("label").items() if number != but and not tag.deleted]
        if any(tag.name.lower() == name.lower() for tag in others):
            raise Refused(ErrorCode.CONFLICT, "name")

    def add_comment(self, by: int, number: int, task: int, text: str) -> None:
        self.task(by, task)
        self.things["comment", number] = Remark(task, by, text)
        self.things["watch", task] = self.things["watch", task] | {by}

    def edit_comment(self, by: int, number: int, text: str, version: int | None) -> None:
        remark = self._comment(by, number, version)
        if remark.by != by:
            raise Refused(ErrorCode.FORBIDDEN)
        self.set_fields(remark, text=text)

    def delete_comment(self, by: int, number: int, version: int | None) -> None:
        remark = self._comment(by, number, version)
        if remark.by != by:
            self.role(by, MemberRole.ADMIN)
        self.set_fields(remark, deleted=True)

    def _comment(self, by: int, number: int, version: int | None) -> Remark:
        remark = self.things.get(("comment", number))
        if remark is None or remark.deleted:
            raise Refused(ErrorCode.NOT_FOUND)
        self.task(by, remark.task)
        self.check_version(version, remark)
        return remark
