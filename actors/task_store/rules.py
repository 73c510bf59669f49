"""What each command does: `decide(command, ledger)` checks, changes the ledger, says so in events, and answers.

Everything is in memory here; the batch around it has loaded what the rules ask about and writes what they change.
"""

import re
from functools import singledispatch
from typing import Any

from actors.sql.changes import Needs
from actors.task_store.ledger import Ledger
from schemas.boards import (
    AddMember,
    BoardChange,
    CreateList,
    CreateTeam,
    DeleteList,
    MoveList,
    RemoveMember,
    RestoreList,
    UpdateList,
)
from schemas.comments import AddComment, DeleteComment, EditComment
from schemas.history import Undo
from schemas.labels import CreateLabel, DeleteLabel, UpdateLabel
from schemas.tasks import AssignTask, ChangeTasks, CreateTask, MoveTask, TaskChange, TaskFields, UpdateTask


_MENTION = re.compile(r"(?<![\w@.+-])@([A-Za-z0-9_.@+-]{1,64})")


def mentioned(text: str) -> set[str]:
    """The usernames that a text may mention, in small letters; a full stop after one is not part of it."""
    return {name.rstrip(".").lower() for name in _MENTION.findall(text)} - {""}


@singledispatch
def decide(change: BoardChange[Any], ledger: Ledger) -> Any:
    """Carry out one command, or raise BusError before anything has changed."""
    raise NotImplementedError(change.tag())


def needs_of(changes: list[BoardChange[Any]]) -> Needs:
    """What has to be loaded before these commands can be decided."""
    needs = Needs()
    for change in changes:
        needs.users.add(change.by)
        if change.key is not None:
            needs.keys.add((change.by, change.key))
        if (team := getattr(change, "team", None)) is not None:
            needs.teams.add(team)
        _need_more(change, needs)
    return needs


def _need_more(change: BoardChange[Any], needs: Needs) -> None:
    match change:
        case CreateTeam():
            needs.new_teams += 1
        case AddMember():
            needs.users.add(change.person.user)
        case RemoveMember():
            needs.users.add(change.user)
            needs.leaving.add((change.team, change.user))
        case CreateList():
            needs.new_lists += 1
        case UpdateList() | MoveList() | DeleteList():
            needs.lists.add(change.list)
        case RestoreList():
            needs.lists.add(change.list)
            needs.arranged.add(change.list)
        case CreateTask():
            needs.new_tasks += 1
            needs.lists.add(change.list)
            needs.users |= {change.assignee} if change.assignee else set()
        case TaskChange():
            _need_for_task(change, needs)
        case ChangeTasks():
            needs.tasks |= set(change.tasks)
            _need_for_fields(change.fields, needs)
        case AddComment():
            needs.tasks.add(change.task)
            needs.usernames |= mentioned(change.text)
            needs.new_comments += 1
        case EditComment():
            needs.comments.add(change.comment)
            needs.usernames |= mentioned(change.text)
        case DeleteComment():
            needs.comments.add(change.comment)
        case CreateLabel():
            needs.new_labels += 1
        case UpdateLabel() | DeleteLabel():
            needs.labels.add(change.label)
        case Undo():
            needs.undoers.add((change.team, change.by))
        case _:
            if (user := getattr(change, "user", None)) is not None:
                needs.users.add(user)


def _need_for_task(change: TaskChange, needs: Needs) -> None:
    needs.tasks.add(change.task)
    match change:
        case MoveTask():
            needs.lists.add(change.list)
            needs.tasks |= {change.before} if change.before else set()
        case UpdateTask():
            _need_for_fields(change, needs)
        case AssignTask():
            needs.users |= {change.assignee} if change.assignee else set()
        case _:
            pass


def _need_for_fields(fields: UpdateTask | TaskFields, needs: Needs) -> None:
    needs.lists |= {fields.list} if fields.list else set()
    needs.users |= {fields.assignee} if fields.assignee else set()
