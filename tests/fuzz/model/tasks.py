"""The model's rules of tasks and checklists."""

from typing import Any

from schemas.errors import ErrorCode
from schemas.members import MemberRole
from tests.fuzz.model.lists import Lists
from tests.fuzz.model.state import Card, Refused


class Tasks(Lists):
    def task(
        self,
        by: int,
        number: int,
        version: int | None = None,
        *,
        least: MemberRole = MemberRole.MEMBER,
        deleted: bool = False,
    ) -> Card:
        """A task that the asker may change; what is on a list in the trash is not there."""
        card = self.things.get(("task", number))
        if card is None or (not deleted and (card.deleted or self.things["list", card.list].deleted)):
            raise Refused(ErrorCode.NOT_FOUND)
        self.role(by, least)
        self.check_version(version, card)
        return card

    def create_task(self, by: int, number: int, list_: int, fields: dict[str, Any]) -> None:
        self.thing("list", list_, by, MemberRole.MEMBER)
        self._check(fields, ())
        card = Card(list=list_, **fields)
        self._check_span(card)
        self.things["task", number] = card
        self.things["watch", number] = set()
        self.cards[list_].append(number)
        self._check_room(card)

    def update_task(self, by: int, number: int, fields: dict[str, Any], version: int | None = None) -> None:
        self.become(number, self.task(by, number, version), fields)

    def delete_task(self, by: int, number: int, version: int | None) -> None:
        self.become(number, self.task(by, number, version), {"deleted": True})

    def restore_task(self, by: int, number: int) -> None:
        self.become(number, self.task(by, number, deleted=True), {"deleted": False})

    def change_tasks(self, by: int, numbers: list[int], fields: dict[str, Any]) -> None:
        """Many tasks in the same way, or none."""
        self.role(by, MemberRole.MEMBER)
        fields = dict(fields)
        add, remove = fields.pop("add", frozenset()), fields.pop("remove", frozenset())
        for number in dict.fromkeys(numbers):
            card = self.task(by, number, deleted=fields.get("deleted") is False)
            labels = {"labels": (card.labels | add) - remove} if add or remove else {}
            self.become(number, card, fields | labels)

    def become(self, number: int, card: Card, fields: dict[str, Any]) -> None:
        """Check what a task is to become, and make it that."""
        self._check({**fields, "list": None} if fields.get("list") == card.list else fields, card.labels)
        moves = fields.get("list", card.list) != card.list
        deletes = fields.get("deleted", card.deleted) != card.deleted
        was_here, was = card.takes_room, card.list
        opens = fields.get("done") is False and card.done
        if (opens or deletes) and "assignee" not in fields and not fields.get("done", card.done):
            gone = card.assignee is not None and ("member", card.assignee) not in self.things
            fields = {**fields, "assignee": None} if gone else fields
        version = card.version
        self.set_fields(card, **fields)
        if card.version > version and self.things["list", card.list].deleted:
            raise Refused(ErrorCode.CONFLICT, "list")
        self._check_span(card)
        if moves or deletes:
            self._place(number, was, card)
        if not (was_here and was == card.list):
            self._check_room(card)

    def move_task(self, by: int, number: int, list_: int, before: int | None, version: int | None) -> None:
        card = self.task(by, number, version)
        self._check_list(list_)
        if before == number:
            return
        order = self.cards[list_]
        if before is not None and before not in order:
            raise Refused(ErrorCode.INVALID, "before")
        was, was_here, old = card.list, card.takes_room, [*order]
        self.cards[was].remove(number)
        order.insert(order.index(before) if before else len(order), number)
        # To the end is always a step; before another task only for one that does not stand there.
        if before is None or list_ != was or order != old:
            card.list = list_
            card.moved += 1
            card.version += 1
        if not (was_here and was == list_):
            self._check_room(card)

    def watch_task(self, by: int, number: int, *, watches: bool, version: int | None) -> None:
        self.task(by, number, version, least=MemberRole.VIEWER)
        watchers = self.things["watch", number]
        self.things["watch", number] = watchers | {by} if watches else watchers - {by}

    def add_item(self, by: int, number: int, item: int, text: str) -> None:
        card = self.task(by, number)
        self.set_fields(card, checklist=(*card.checklist, (item, text.strip(), False)))

    def change_item(self, by: int, number: int, item: int, text: str | None, done: bool | None) -> None:  # noqa: FBT001
        card = self.task(by, number)
        place = self._item(card, item)
        _, old_text, old_done = card.checklist[place]
        new = (item, old_text if text is None else text.strip(), old_done if done is None else done)
        self.set_fields(card, checklist=(*card.checklist[:place], new, *card.checklist[place + 1 :]))

    def move_item(self, by: int, number: int, item: int, before: int | None) -> None:
        card = self.task(by, number)
        place = self._item(card, item)
        if before == item:
            return
        rest = [*card.checklist[:place], *card.checklist[place + 1 :]]
        names = [name for name, _, _ in rest]
        if before is not None and before not in names:
            raise Refused(ErrorCode.INVALID, "before")
        rest.insert(names.index(before) if before is not None else len(rest), card.checklist[place])
        self.set_fields(card, checklist=tuple(rest))

    def remove_item(self, by: int, number: int, item: int) -> None:
        card = self.task(by, number)
        self._item(card, item)
        self.set_fields(card, checklist=tuple(one for one in card.checklist if one[0] != item))

    @staticmethod
    def _item(card: Card, item: int) -> int:
        names = [name for name, _, _ in card.checklist]
        if item not in names:
            raise Refused(ErrorCode.NOT_FOUND, "item")
        return names.index(item)

    def _check(self, fields: dict[str, Any], labels: Any) -> None:
        """Each field for itself."""
        if fields.get("list") is not None:
            self._check_list(fields["list"])
        if fields.get("assignee") is not None and ("member", fields["assignee"]) not in self.things:
            raise Refused(ErrorCode.INVALID, "assignee")
        known = {number for number, tag in self.of("label").items() if not tag.deleted}
        if fields.get("labels", frozenset()) - known - {*labels}:
            raise Refused(ErrorCode.INVALID, "labels")

    def _check_list(self, number: int) -> None:
        column = self.things.get(("list", number))
        if column is None or column.deleted:
            raise Refused(ErrorCode.INVALID, "list")

    @staticmethod
    def _check_span(card: Card) -> None:
        if card.start_at and card.due_at and card.start_at > card.due_at:
            raise Refused(ErrorCode.INVALID, "start_at")

    def _check_room(self, card: Card) -> None:
        """Whatever comes into a list with a limit, and is open, needs room there."""
        limit = self.things["list", card.list].limit
        cards = [other for other in self.of("task").values() if other.list == card.list and other.takes_room]
        if card.takes_room and limit is not None and len(cards) > limit:
            raise Refused(ErrorCode.CONFLICT, "list")

    def _place(self, number: int, was: int, card: Card) -> None:
        """Who moves goes to the end; where one comes back to from the trash, only the store knows."""
        if number in self.cards[was]:
            self.cards[was].remove(number)
        if not card.deleted:
            self.cards[card.list].append(number)
