"""What is given for the fields of a task, checked and in the form in which it is kept."""

from datetime import datetime
from typing import Any

from msgspec import UNSET

from actors.task_store.labels import known_labels
from actors.task_store.ledger import Ledger
from actors.task_store.ranks import rank_at_end
from schemas.errors import invalid
from schemas.ids import LabelId, ListId, TeamId, UserId
from schemas.search import in_utc
from schemas.tasks import LABELS_AT_MOST, Task, TaskFields


def given_of(ledger: Ledger, task: Task, fields: TaskFields) -> dict[str, Any]:
    """What a change of many means for one of them."""
    names = ("list", "assignee", "priority", "start_at", "due_at", "is_done")
    given: dict[str, Any] = {name: value for name in names if (value := getattr(fields, name)) is not UNSET}
    if fields.add_labels or fields.remove_labels:
        given["labels"] = tuple({*task.labels, *fields.add_labels} - {*fields.remove_labels})
    if fields.is_archived is not UNSET:
        given["archived_at"] = (task.archived_at or ledger.now) if fields.is_archived else None
    if fields.is_deleted is not UNSET:
        given["deleted_at"] = (task.deleted_at or ledger.now) if fields.is_deleted else None
    return given


def checked(ledger: Ledger, task: Task, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, in the form in which it is kept. Raises INVALID, naming the field."""
    fields = dict(given)
    if "title" in fields:
        fields["title"] = fields["title"].strip()
    if fields.get("list", task.list) != task.list:
        check_list(ledger, task.team, fields["list"])
        fields["rank"] = rank_at_end(task, fields["list"], ledger)
    for name in fields.keys() & {"start_at", "due_at"}:
        fields[name] = utc(fields[name], name)
    if "assignee" in fields:
        check_assignee(ledger, task.team, fields["assignee"], task.assignee)
    if "labels" in fields:
        fields["labels"] = checked_labels(ledger, task.team, fields["labels"], task.labels)
    if fields.get("is_done", task.is_done) != task.is_done:
        fields["done_at"] = ledger.now if fields["is_done"] else None
    return fields


def checked_labels(
    ledger: Ledger, team: TeamId, labels: tuple[LabelId, ...], had: tuple[LabelId, ...]
) -> tuple[LabelId, ...]:
    if not labels:
        return ()
    wanted = tuple(sorted(set(labels)))
    if set(wanted) - known_labels(ledger, team) - set(had):
        raise invalid("no such label in this team", "labels")
    if len(wanted) > LABELS_AT_MOST:
        raise invalid(f"a task bears at most {LABELS_AT_MOST} labels", "labels")
    return wanted


def check_list(ledger: Ledger, team: TeamId, list_id: ListId) -> None:
    row = ledger.lists.get(list_id)
    if row is None or row.team != team or row.deleted_at is not None:
        raise invalid("no such list in this team", "list")


def check_assignee(ledger: Ledger, team: TeamId, user: UserId | None, had: UserId | None = None) -> None:
    """Whoever may no longer sign in keeps what is theirs, and gets nothing new."""
    if user is None:
        return
    member = ledger.members.get((team, user))
    if member is None:
        raise invalid("nobody in this team has that id", "assignee")
    if not member.is_active and user != had:
        raise invalid("they can no longer sign in, so nothing new is assigned to them", "assignee")


def check_span(task: Task) -> None:
    if task.start_at is not None and task.due_at is not None and task.start_at > task.due_at:
        raise invalid("the start lies after the deadline", "start_at")


def utc(moment: datetime | None, field: str) -> datetime | None:
    """The same moment in UTC."""
    return None if moment is None else in_utc(moment, field)
