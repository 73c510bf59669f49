"""The model's rule of taking back: one's last change, unless somebody else has changed the same thing since."""

from dataclasses import asdict
from typing import Any

from schemas.errors import ErrorCode
from schemas.members import MemberRole
from tests.fuzz.model.state import Card, Change, Key, Refused
from tests.fuzz.model.talk import Talk

_KEPT = ("version", "moved")
"""These count on, also when everything else is as it was before."""

_FOR_GOOD = ("team", "member", "invite")
"""Changes of these are not taken back."""


class Model(Talk):
    def undo(self, by: int) -> None:
        self.role(by, MemberRole.MEMBER)
        last = self._last_of(by)
        if last is None or self._is_disturbed(last):
            raise Refused(ErrorCode.CONFLICT)
        if any(noun in _FOR_GOOD for noun, _ in last.before):
            raise Refused(ErrorCode.CONFLICT)
        for key, before in last.before.items():
            self._take_back(by, key, before)
        last.undone = True

    def _last_of(self, by: int) -> Change | None:
        mine = [change for change in self.changes if change.by == by and not change.undoes and not change.undone]
        return next((change for change in reversed(mine) if self._matters(change)), None)

    @staticmethod
    def _matters(change: Change) -> bool:
        """Watching, inviting, and what becomes of one's own membership are passed over."""
        own = ("member", change.by)
        stays = change.before.get(own) is not None and change.after.get(own) is not None
        return any(key[0] not in ("watch", "invite") and not (key == own and stays) for key in change.before)

    def _is_disturbed(self, last: Change) -> bool:
        since = self.changes[self.changes.index(last) + 1 :]
        theirs = {key for change in since if change.by != last.by for key in change.before}
        return any(key in theirs and key[0] != "watch" for key in last.before)

    def _take_back(self, by: int, key: Key, before: Any) -> None:
        noun, number = key
        thing = self.things.get(key)
        match noun:
            case "watch":
                pass
            case "task":
                self._task_back(number, self.things[key], before)
            case "comment":
                self.task(by, thing.task)
                self.set_fields(thing, **({"deleted": True} if before is None else _fields(before)))
            case "label":
                if before is not None and not before.deleted:
                    self.check_label_name(before.name, number)
                self.set_fields(thing, **({"deleted": True} if before is None else _fields(before)))
            case _:
                self._list_back(number, thing, before)

    def _task_back(self, number: int, card: Card, before: Card | None) -> None:
        if before is None:
            self.become(number, card, {"deleted": True})
            return
        if self.things["list", before.list].deleted:
            raise Refused(ErrorCode.CONFLICT, "list")
        if before.assignee is not None and ("member", before.assignee) not in self.things:
            raise Refused(ErrorCode.CONFLICT, "assignee")
        differs = card.moved != before.moved or _fields(card) != _fields(before)
        version = card.version + differs
        # A label that has been deleted since takes nothing away from a task that bore it.
        card.labels = before.labels
        self.become(number, card, _fields(before))
        card.version = version

    def _list_back(self, number: int, column: Any, before: Any) -> None:
        deleted = before is None or before.deleted
        if before is None and self.cards[number]:
            raise Refused(ErrorCode.CONFLICT, "list")
        if deleted and number in self.columns:
            self.columns.remove(number)
        elif not deleted and number not in self.columns:
            self.columns.append(number)
        for name, value in ({"deleted": True} if before is None else _fields(before)).items():
            setattr(column, name, value)
        # Perhaps it only stands elsewhere again.
        column.version += 1


def _fields(thing: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(thing).items() if name not in _KEPT}
