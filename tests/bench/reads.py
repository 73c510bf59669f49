"""What people do with tasks that are there: look at pages and boards, search, change, finish."""

import json
import random
from collections.abc import Iterator
from itertools import count, cycle

import msgspec

from infra.bus import Bus
from tests.bench.load import request
from tests.bench.phases import Phase, over_http
from tests.bench.seeding import open_tasks, seed
from tests.bench.system import TEAMS, Board, System, new_board

SMALL, LARGE = 10_000, 1_000_000
"""How many tasks a person sees."""
BOARD, BULK = 1_000, 500

AGAIN, ANYWHERE = "the first page again", "any page"
RARE, COMMON = "a rare word", "a word in all"
WHOLE_BOARD, PATCH, DONE, MANY = "a board", "PATCH", "done", "bulk"

_PAGES = 5_000
"""Different ones: more than are remembered."""
_SHARE = 0.6


class Boards(msgspec.Struct):
    """Three people with tasks, and which of these are open."""

    small: Board
    large: Board
    one: Board
    """A single team."""
    size: int
    """How many tasks the large one has."""
    few: list[int]
    many: list[int]
    thousand: list[int]


async def seeded(system: System, bus: Bus, size: int) -> Boards:
    """Make them; `size` is LARGE unless a quick look is all that is wanted."""
    small, large, one = [await new_board(system, bus, teams) for teams in (TEAMS, TEAMS, 1)]
    await seed(system.settings, [(small, SMALL), (large, size), (one, BOARD)])
    few, many, thousand = [await open_tasks(system.settings, board) for board in (small, large, one)]
    return Boards(small, large, one, size, few, many, thousand)


def reads(system: System, boards: Boards) -> list[Phase]:
    """All of them; those that are compared stand next to each other."""
    small, large, one = boards.small, boards.large, boards.one
    rare = [f"q=word{number}" for number in random.sample(range(50_000), _PAGES)]
    common = [f"q=benchmark&{cursor}" for cursor in _cursors(boards.many)]
    finishing = (request(f"/api/tasks/{task}/done/", headers=large.cookie) for task in reversed(boards.many))
    return [
        _phase(system, of(AGAIN, SMALL), 32, _pages(small, [""])),
        _phase(system, of(AGAIN, boards.size), 32, _pages(large, [""])),
        _phase(system, of(ANYWHERE, SMALL), 32, _pages(small, _cursors(boards.few))),
        _phase(system, of(ANYWHERE, boards.size), 32, _pages(large, _cursors(boards.many))),
        _phase(system, of(RARE, boards.size), 8, _pages(large, rare)),
        _phase(system, of(COMMON, boards.size), 8, _pages(large, common)),
        _phase(system, of(WHOLE_BOARD, BOARD), 4, _gets(one, [f"/api/teams/{one.teams[0]}/board/"])),
        _phase(system, PATCH, 32, _patches(large, boards.many)),
        _phase(system, DONE, 32, finishing),
        _phase(system, of(MANY, BULK), 1, _bulks(one, boards.thousand[:BULK])),
    ]


def of(name: str, tasks: int) -> str:
    """A kind of load, and among or with how many tasks."""
    return f"{name}, {tasks:,}"


def _phase(system: System, name: str, in_flight: int, requests: Iterator[bytes]) -> Phase:
    return Phase(name, in_flight, over_http(system.url, requests), of_product=True, share=_SHARE)


def _cursors(ids: list[int]) -> list[str]:
    return [f"cursor={task}" for task in random.sample(ids[100:], min(_PAGES, len(ids) // 2))]


def _pages(board: Board, queries: list[str]) -> Iterator[bytes]:
    return _gets(board, [f"/api/tasks/?{query}" for query in queries])


def _gets(board: Board, paths: list[str]) -> Iterator[bytes]:
    return cycle([request(path, headers=board.cookie, method="GET") for path in paths])


def _patches(board: Board, ids: list[int]) -> Iterator[bytes]:
    """Each changes something."""
    for number in count():
        body = json.dumps({"title": f"Benchmark, changed for the {number}th time"}).encode()
        yield request(f"/api/tasks/{random.choice(ids)}/", body, board.cookie, method="PATCH")


def _bulks(board: Board, ids: list[int]) -> Iterator[bytes]:
    for priority in cycle(("low", "medium")):
        body = {"team": board.teams[0], "tasks": ids, "fields": {"priority": priority}}
        yield request("/api/tasks/bulk/", json.dumps(body).encode(), board.cookie)
