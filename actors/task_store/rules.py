"""What each command does: `decide(command, ledger)` checks, changes the ledger, says so in events, and answers.

Everything is in memory here; the batch around it has loaded what the rules ask about and writes what they change.
"""

from functools import singledispatch
from typing import Any

from actors.sql.changes import Needs
from actors.task_store.ledger import Ledger
from schemas.base import Record
from schemas.boards import (
    AddMember,
    BoardChange,
    CreateList,
    CreateTeam,
    DeleteList,
    MoveList,
    RemoveMember,
    RenameList,
    RestoreList,
)
from schemas.tasks import AssignTask, CreateTask, MoveTask, TaskChange, UpdateTask


@singledispatch
def decide(change: BoardChange[Any], ledger: Ledger) -> Record:
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
        case RenameList() | MoveList() | DeleteList():
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
            needs.lists |= {change.list} if change.list else set()
            needs.users |= {change.assignee} if change.assignee else set()
        case AssignTask():
            needs.users |= {change.assignee} if change.assignee else set()
        case _:
            pass
