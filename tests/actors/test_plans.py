"""How Postgres finds tasks among 50,000: off the right index, and without reading many more than it shows."""

from collections.abc import AsyncGenerator, Awaitable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.alarms import AT_ONCE, ring
from actors.sql.loading import load
from actors.sql.needs import Needs
from actors.task_store.finding import Finder
from infra.db import connect_database
from infra.migrate import migrate
from schemas.ids import LabelId, ListId, TaskId, TeamId, UserId
from schemas.search import COUNT_LIMIT, ListTasks, TaskFilter
from schemas.tasks import Priority
from tests.infra.own_servers import own_server

ME, OTHER = UserId(1), UserId(2)
START = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = 50

# Team 1 has 24,000 tasks and team 2 has 6,000, both mine; team 3 has the newest 20,000. Lists are ten to a team. Every
# 6th task is mine, every 1,000th is urgent, every 25th has a label, and each of all has one of 1,000 rare words.
SEED = """
    INSERT INTO board.teams OVERRIDING SYSTEM VALUE
        SELECT n, 'Team', 1, 1, now() FROM generate_series(1, 3) n;
    INSERT INTO board.members
        SELECT n, CASE WHEN n < 3 THEN 1 ELSE 2 END, 'u', 'U', 'owner' FROM generate_series(1, 3) n;
    INSERT INTO board.lists (id, team, name, rank, version) OVERRIDING SYSTEM VALUE
        SELECT n, (n - 1) / 10 + 1, 'List', n, 1 FROM generate_series(1, 30) n;
    INSERT INTO board.tasks (id, team, list, title, description, assignee, priority, labels, checklist, watchers,
            due_at, done_at, archived_at, rank, version, created_by, created_at, updated_at)
        OVERRIDING SYSTEM VALUE
        SELECT n, team, team * 10 - n % 10, 'Task word' || n % 1000, '', CASE WHEN n % 6 = 0 THEN 1 END,
            CASE WHEN n % 1000 = 0 THEN 'urgent' ELSE 'none' END,
            CASE WHEN n % 25 = 0 THEN ARRAY[team] ELSE '{}' END, '[]', CASE WHEN n % 50 = 0 THEN ARRAY[1] ELSE '{}' END,
            CASE WHEN n % 3 = 0 THEN timestamptz '2026-01-01 00:00Z' + n * interval '1 minute' END,
            CASE WHEN n % 10 < 7 THEN now() END, CASE WHEN n % 10 = 1 THEN now() END, n, 1, 1, now(), now()
        FROM (SELECT n, CASE WHEN n > 30000 THEN 3 WHEN n % 5 = 0 THEN 2 ELSE 1 END AS team
            FROM generate_series(1, 50000) n) parted;
    INSERT INTO board.alarms (task, team, due_at, wake_at)
        SELECT id, team, due_at, due_at FROM board.tasks WHERE due_at IS NOT NULL
"""

FILTERS = {
    "everything": TaskFilter(),
    "a team": TaskFilter(team=TeamId(2)),
    "open": TaskFilter(is_done=False),
    "done": TaskFilter(is_done=True),
    "put away as well": TaskFilter(archived=True),
    "a list": TaskFilter(list=ListId(4)),
    "mine": TaskFilter(mine=True),
    "somebody's, open": TaskFilter(assignee=ME, is_done=False),
    "urgent": TaskFilter(priority=Priority.URGENT),
    "a label": TaskFilter(label=LabelId(1)),
    "watched": TaskFilter(watched=True),
    "overdue": TaskFilter(is_overdue=True),
    "due late": TaskFilter(due_from=START + timedelta(minutes=29_000)),
    "due in two hours": TaskFilter(due_from=START, due_before=START + timedelta(hours=2)),
    "a rare word": TaskFilter(q="word77"),
    "a word that all have": TaskFilter(q="task"),
    "a phrase": TaskFilter(q='"task word77"'),
    "all but one word": TaskFilter(q="-word77"),
}


class Statements:
    """What the store asks of the database, and how that is answered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._asked: list[tuple[str, tuple[Any, ...]]] = []
        listen(engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self._asked.append((statement, parameters))

    async def of(self, query: ListTasks) -> list["Plan"]:
        """The plans of all that is asked for `query`, with what was met on the way."""
        return await self.plans(Finder(self.engine).find(query))

    async def plans(self, work: Awaitable[Any]) -> list["Plan"]:
        """The plans of all that is asked in the course of `work`."""
        self._asked.clear()
        await work
        async with self.engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            return [await _explain(driver, *asked) for asked in self._asked[:]]


async def _explain(driver: asyncpg.Connection, statement: str, parameters: tuple[Any, ...]) -> "Plan":
    """Prepared as the store's are, because a plan for known values would be another one."""
    await driver.execute(f"PREPARE asked AS {statement}")
    given = f"({', '.join(map(_literal, parameters))})" if parameters else ""
    found = await driver.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE asked {given}")
    await driver.execute("DEALLOCATE asked")
    return Plan(found[0]["Plan"])


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"'{{{','.join(map(str, value))}}}'"
    return str(value) if isinstance(value, int) else f"'{value}'"


class Plan:
    """One plan that was carried out."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._nodes = list(_below(root))

    @property
    def scans(self) -> set[str]:
        """How the tasks are come by."""
        return self.scans_of("tasks")

    def scans_of(self, table: str) -> set[str]:
        return {node["Node Type"] for node in self._reads(table)}

    @property
    def read(self) -> float:
        """How many tasks are looked at."""
        return self.read_of("tasks")

    def read_of(self, table: str) -> float:
        return sum(
            _rows(node) + node["Actual Loops"] * node.get("Rows Removed by Filter", 0) for node in self._reads(table)
        )

    def _reads(self, table: str) -> Iterator[dict[str, Any]]:
        named = (node for node in self._nodes if node.get("Relation Name") == table)
        return (node for node in named if node["Node Type"] != "ModifyTable")

    @property
    def gathers(self) -> bool:
        """Whether all that is found is fetched before it is put in order."""
        return any(node.get("Subplan Name") == "CTE met" for node in self._nodes)

    @property
    def sorted(self) -> float:
        """The most that is put in order at once."""
        sorts = (node for node in self._nodes if "Sort" in node["Node Type"])
        return max((_rows(below) / below["Actual Loops"] for node in sorts for below in node["Plans"]), default=0)


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)


def _rows(node: dict[str, Any]) -> float:
    return node["Actual Rows"] * node["Actual Loops"]


@pytest.fixture(scope="module")
async def statements(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Statements]:
    async with own_server("postgres", tmp_path_factory.mktemp("plans")) as postgres:
        await migrate(postgres.settings)
        engine = connect_database(postgres.settings, fixed_plans=True)
        async with engine.begin() as connection:
            for statement in SEED.split(";"):
                await connection.execute(text(statement))
            await connection.execute(text("ANALYZE board.tasks, board.alarms"))
        yield Statements(engine)
        await engine.dispose()


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
@pytest.mark.parametrize("place", [{}, {"cursor": TaskId(9_000)}, {"before": TaskId(9_000)}], ids=str)
async def test_a_page_is_read_off_an_index(statements: Statements, wanted: TaskFilter, place: dict[str, Any]) -> None:
    plans = [plan for plan in await statements.of(ListTasks(by=ME, filter=wanted, **place)) if plan.scans]

    assert all(plan.scans <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"} for plan in plans)
    for plan in plans[:-1]:
        assert plan.read <= 1.2 * COUNT_LIMIT
    page = plans[-1]
    assert page.read <= (COUNT_LIMIT if page.gathers else 1_500)
    assert page.sorted <= (COUNT_LIMIT if page.gathers else 350)


async def test_what_many_tasks_have_is_not_gathered(statements: Statements) -> None:
    """Else the page of a word that is everywhere would be made of all tasks."""

    async def gathered(q: str) -> list[bool]:
        return [plan.gathers for plan in await statements.of(ListTasks(by=ME, filter=TaskFilter(q=q))) if plan.scans]

    assert await gathered("word77") == [True]
    assert await gathered("task") == [True, False]


async def test_a_batch_of_changes_reads_what_it_changes(statements: Statements) -> None:
    wanted = {TaskId(number) for number in range(1, 50_000, 1_000)}

    async with statements.engine.connect() as connection:
        (plan,) = await statements.plans(load(connection, Needs(tasks=wanted, lists={ListId(4)})))

    assert "Seq Scan" not in plan.scans
    # Each of them, twice, and the neighbour and the tail of its list.
    assert plan.read < 5 * len(wanted)


async def test_a_sweep_reads_what_rings(statements: Statements) -> None:
    """Of 16,666 alarms a third has rung; the tasks of some are done, and of those nothing is said."""
    at = START + timedelta(minutes=16_666)

    async def sweep() -> None:
        async with statements.engine.begin() as connection:
            rung = await ring(connection, at, datetime.now(UTC), "")
            assert rung is not None
            assert rung.met == AT_ONCE
            assert 0 < len(rung.events) < AT_ONCE

    for plan in await statements.plans(sweep()):
        assert plan.scans_of("alarms") <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}
        assert "Seq Scan" not in plan.scans
        # Each batch twice: to find what rings, and to set it to what comes next or to tell of it.
        assert plan.read_of("alarms") <= 2 * AT_ONCE
        assert plan.read <= 2 * AT_ONCE


async def test_a_second_in_which_nothing_rings_reads_nothing(statements: Statements) -> None:
    async def sweep() -> None:
        async with statements.engine.begin() as connection:
            assert await ring(connection, START - timedelta(days=1), datetime.now(UTC), "") == (0, [])

    (plan,) = await statements.plans(sweep())

    assert plan.read_of("alarms") == 0
    assert plan.scans_of("alarms") == {"Index Scan"}
