"""Many tasks of every kind, thrown with dice and put straight into the tables, and a plain filter over them."""

import itertools
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.sql.board import labels, lists, members, tasks, teams
from schemas.ids import LabelId, ListId, TeamId, UserId
from schemas.search import TaskFilter
from schemas.tasks import Priority
from tests.actors.conftest import new_person

NOW = datetime.now(UTC)
LISTS = 3
"""Of each team; the last one is in the trash."""

Row = dict[str, Any]

_WORDS = ("alpha", "beta", "gamma", "delta")
QUERIES: dict[str, Callable[[list[str]], bool]] = {
    "alpha": lambda words: "alpha" in words,
    "Beta gamma": lambda words: {"beta", "gamma"} <= set(words),
    "alpha or delta": lambda words: bool({"alpha", "delta"} & set(words)),
    "-gamma": lambda words: "gamma" not in words,
    '"alpha beta"': lambda words: ("alpha", "beta") in itertools.pairwise(words),
    "epsilon": lambda _: False,
    "?!": lambda _: False,
}
"""What can be typed, and whether a title of these words is meant."""


class Crowd(msgspec.Struct):
    """`me` and `other` are in all teams, but `me` is not in the last one."""

    me: UserId
    other: UserId
    teams: list[TeamId]
    lists: list[ListId]
    labels: list[LabelId]
    """One of each team."""
    rows: list[Row] = []
    """The tasks of all teams, oldest first."""

    def found(self, wanted: TaskFilter) -> list[int]:
        """The ids of what `me` is to find, newest first."""
        mine = (row for row in self.rows if row["team"] != self.teams[-1] and self._is_kept(row))
        return self._ids(mine, wanted)

    def found_by_admin(self, wanted: TaskFilter, *, deleted: bool) -> list[int]:
        """What an administrator is to find in these teams."""
        rows = (row for row in self.rows if (row["deleted_at"] is not None if deleted else self._is_kept(row)))
        return self._ids(rows, wanted)

    def _is_kept(self, row: Row) -> bool:
        return row["deleted_at"] is None and self.lists.index(row["list"]) % LISTS != LISTS - 1

    def _ids(self, rows: Iterable[Row], wanted: TaskFilter) -> list[int]:
        return [row["id"] for row in rows if self._is_wanted(row, wanted)][::-1]

    def _is_wanted(self, row: Row, wanted: TaskFilter) -> bool:
        is_done, due = row["done_at"] is not None, row["due_at"]
        return all(
            (
                wanted.archived or row["archived_at"] is None,
                wanted.team in (None, row["team"]),
                wanted.list in (None, row["list"]),
                wanted.assignee in (None, row["assignee"]),
                not wanted.mine or row["assignee"] == self.me,
                wanted.label is None or wanted.label in row["labels"],
                wanted.priority in (None, row["priority"]),
                not wanted.watched or self.me in row["watchers"],
                wanted.is_done in (None, is_done),
                not wanted.is_overdue or (due is not None and due < NOW and not is_done),
                wanted.due_from is None or (due is not None and due >= wanted.due_from),
                wanted.due_before is None or (due is not None and due < wanted.due_before),
                not wanted.q or QUERIES[wanted.q](row["title"].split()),
            )
        )

    def any_filter(self, dice: random.Random) -> TaskFilter:
        """Mostly of one or two conditions."""

        def maybe(values: Iterable[Any] = (True,)) -> Any:
            return dice.choice(list(values)) if dice.random() < 0.15 else None

        return TaskFilter(
            team=maybe(self.teams),
            list=maybe(self.lists),
            assignee=maybe((self.me, self.other)),
            label=maybe(self.labels),
            priority=maybe(Priority),
            mine=bool(maybe()),
            watched=bool(maybe()),
            is_done=maybe((True, False)),
            is_overdue=bool(maybe()),
            due_from=maybe(NOW + timedelta(days=days) for days in (-5, 1)),
            due_before=maybe(NOW + timedelta(days=days) for days in (-1, 5)),
            archived=dice.random() < 0.3,
            q=maybe(QUERIES) or "",
        )


async def throw(engine: AsyncEngine, dice: random.Random, count: int) -> Crowd:
    """Four teams, three lists each, and `count` tasks on them."""
    me, other = new_person("Mia").user, new_person("Otto").user
    async with engine.begin() as connection:
        found = await _add(
            connection, teams, [{"name": f"Crowd {n}", "seq": 1, "version": 1, "created_at": NOW} for n in range(4)]
        )
        places = [
            {"team": team, "name": "L", "rank": n, "version": 1, "deleted_at": NOW if n == LISTS - 1 else None}
            for team in found
            for n in range(LISTS)
        ]
        marks = [{"team": team, "name": "M", "colour": "#000000", "version": 1} for team in found]
        crowd = Crowd(
            me=me,
            other=other,
            teams=[TeamId(team) for team in found],
            lists=[ListId(number) for number in await _add(connection, lists, places)],
            labels=[LabelId(number) for number in await _add(connection, labels, marks)],
        )
        belongs = [(team, user) for team in found for user in (me, other) if (team, user) != (found[-1], me)]
        people = [
            {"team": team, "user": user, "username": f"u{user}", "name": "U", "role": "member"}
            for team, user in belongs
        ]
        await connection.execute(insert(members), people)
        rows = [_task(crowd, dice, rank) for rank in range(count)]
        ids = await _add(connection, tasks, rows)
    crowd.rows = [{**row, "id": number} for row, number in zip(rows, ids, strict=True)]
    return crowd


async def _add(connection: AsyncConnection, table: Any, rows: list[Row]) -> list[int]:
    """The ids, in the order of the rows."""
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list((await connection.execute(statement, rows)).scalars())


def _task(crowd: Crowd, dice: random.Random, rank: int) -> Row:
    def maybe(chance: float, value: Any) -> Any:
        return value if dice.random() < chance else None

    place = dice.randrange(len(crowd.lists))
    team = place // LISTS
    return {
        "team": crowd.teams[team],
        "list": crowd.lists[place],
        "title": " ".join(dice.choices(_WORDS, k=dice.randint(1, 3))),
        "description": "",
        "assignee": dice.choice((None, crowd.me, crowd.other)),
        "priority": dice.choice(list(Priority)),
        "labels": [crowd.labels[team]] if dice.random() < 0.3 else [],
        "checklist": [],
        "watchers": [crowd.me] if dice.random() < 0.3 else [],
        "due_at": maybe(0.5, NOW + timedelta(days=dice.uniform(-10, 10))),
        "done_at": maybe(0.4, NOW),
        "archived_at": maybe(0.2, NOW),
        "deleted_at": maybe(0.1, NOW),
        "rank": rank,
        "version": 1,
        "created_by": crowd.other,
        "created_at": NOW,
        "updated_at": NOW,
    }
