"""How a board of the store is compared: with the model, with the boards that its history makes, and with itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec

from schemas.history import Board, GetPastBoard
from schemas.ids import Seq, UserId
from schemas.lists import TaskList
from schemas.replay import ReplayEvents
from schemas.tasks import Task
from schemas.teams import MyTeam
from tests.actors.mirror import Mirror
from tests.fuzz.model.undo import Model

Must = Callable[[Any], Any]


def standing(rows: Sequence[TaskList] | Sequence[Task]) -> list[int]:
    """Their ids in the order in which they stand."""
    return [row.id for row in sorted(rows, key=lambda row: (row.rank, row.id))]


def shown(board: Board) -> dict[str, Any]:
    """What the model knows of a board."""
    return {
        "team": {"name": board.team.name, "version": board.team.version},
        "members": {member.user: member.role for member in board.members},
        "lists": [
            {"id": row.id, "name": row.name, "limit": row.wip_limit, "version": row.version}
            for row in _in_order(board.lists)
        ],
        "labels": {
            label.id: {"name": label.name, "colour": label.colour, "version": label.version} for label in board.labels
        },
        "tasks": {
            row.id: [_of_task(task) for task in _in_order(board.tasks) if task.list == row.id] for row in board.lists
        },
    }


def _of_task(task: Task) -> dict[str, Any]:
    same = ("id", "list", "title", "description", "assignee", "priority", "start_at", "due_at", "comments", "version")
    return {name: getattr(task, name) for name in same} | {
        "done": task.is_done,
        "labels": {*task.labels},
        "checklist": tuple((item.id, item.text, item.is_done) for item in task.checklist),
        "watchers": {*task.watchers},
    }


def expected(model: Model) -> dict[str, Any]:
    """The same as the model sees it."""
    return {
        "team": _kept(model.things["team", 0]),
        "members": model.of("member"),
        "lists": [{"id": number, **_kept(model.things["list", number])} for number in model.columns],
        "labels": {number: _kept(tag) for number, tag in model.of("label").items() if not tag.deleted},
        "tasks": {
            column: [_of_card(model, n) for n in model.cards[column] if not model.things["task", n].archived]
            for column in model.columns
        },
    }


def _of_card(model: Model, number: int) -> dict[str, Any]:
    remarks = model.of("comment").values()
    return _kept(model.things["task", number]) | {
        "id": number,
        "watchers": model.things["watch", number],
        "comments": sum(remark.task == number and not remark.deleted for remark in remarks),
    }


def _kept(thing: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(thing).items() if name not in ("deleted", "archived", "moved")}


def without_counts(value: Any) -> Any:
    """What is seen of a board, without what counts on when something is taken back, or stays."""
    if isinstance(value, dict):
        return {name: without_counts(part) for name, part in value.items() if name not in ("version", "watchers")}
    return [without_counts(part) for part in value] if isinstance(value, list) else value


def _in_order(rows: Sequence[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.rank, row.id))


def assert_same(store: dict[str, Any], other: dict[str, Any], of: str) -> None:
    """Fails with only that which differs."""
    found = "; ".join(_differences("", store, other))
    assert not found, f"{of}: {found}"


def _differences(path: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {**one, **other}:
            yield from _differences(f"{path}/{name}", one.get(name), other.get(name))
    elif one != other:
        yield f"{path} is {one}, not {other}"


def read_again(must: Must, owner: UserId, boards: Sequence[Board]) -> None:
    """From nothing, the events make each of the boards that were seen; and so does the store, asked for the past."""
    team = boards[-1].team
    history = must(ReplayEvents(by=owner, team=team.id, after=Seq(0)))
    assert [msgspec.json.decode(event)["seq"] for event in history.events] == [*range(1, history.seq + 1)]
    mirror, seen = Mirror(_nothing(team)), {board.seq: board for board in boards}
    for event in history.events:
        mirror.apply(bytes(event))
        if (board := seen.get(mirror.seq)) is not None:
            assert_same(_content(mirror), _content(Mirror(board)), f"after event {mirror.seq}")
    for board in [*seen.values()][-1::-7]:
        at = datetime.fromisoformat(msgspec.json.decode(history.events[board.seq - 1])["at"])
        past = Mirror(must(GetPastBoard(by=owner, team=team.id, at=at)))
        assert_same(_content(past, *_TODAY), _content(Mirror(board), *_TODAY), f"as it was at {at}")


_TODAY = ("version",)
"""What a board of the past has as it is now."""


def _content(mirror: Mirror, *but: str) -> dict[str, Any]:
    """All but what depends on who looks."""
    seq, team, *rest = mirror.content()
    ours = {name: value for name, value in msgspec.structs.asdict(team).items() if name not in ("role", *but)}
    return {"seq": seq, "team": ours} | {f"part {number}": part for number, part in enumerate(rest)}


def _nothing(team: MyTeam) -> Board:
    """Before the first event."""
    start = msgspec.structs.replace(team, name="", version=1)
    return Board(seq=Seq(0), team=start, members=[], labels=[], lists=[], tasks=[])
