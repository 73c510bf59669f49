"""The memory of who is here: Redis holds it, and a script of one step changes it, so that several actors may."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from redis.exceptions import RedisError

from infra.log import get_logger
from infra.redis import Redis
from schemas.errors import BusError, ErrorCode
from schemas.ids import TeamId, UserId
from schemas.presence import ONLINE_SECONDS, Beat, ConnectionId, Moved, Presence, Viewer, WentOffline, WentOnline

log = get_logger(__name__)

_SCRIPT = Path(__file__).with_name("memory.lua").read_text(encoding="utf-8")
_DAY = 24 * 60 * 60

News = WentOnline | WentOffline | Moved


class Lengths(NamedTuple):
    """How long things last, in seconds."""

    online: float = ONLINE_SECONDS
    """A connection after its last heartbeat."""
    grace: float = 5.0
    """From the moment the last connection of somebody went until they count as gone: a page is loaded again sooner."""
    gap: float = 5.0
    """So long without anybody who looked, and that time does not count."""
    seen: float = 30 * _DAY
    """The memory of somebody's last heartbeat."""


USUAL = Lengths()


class Told(NamedTuple):
    """The script's answer, and what has to be announced because it is true since just now."""

    answer: list[Any]
    news: list[News]


class Memory:
    """Who is here. All keys begin with `presence:`; the only clock that counts is that of Redis.

    Raises BusError OVERLOADED while Redis is away.
    """

    def __init__(self, redis: Redis, lengths: Lengths) -> None:
        self._script = redis.register_script(_SCRIPT)
        self._lengths = msgspec.json.encode({name: int(value * 1000) for name, value in lengths._asdict().items()})
        self._is_away = False

    async def take(self, changes: Mapping[ConnectionId, Beat | None]) -> list[News]:
        """Each of these connections is alive, or has gone; gives what is new by that."""
        beats = [(connection, beat) for connection, beat in changes.items() if beat is not None]
        said = {
            "connections": [connection for connection, _ in beats],
            "users": [str(beat.user) for _, beat in beats],
            "states": [f"{beat.user}:{int(beat.is_active)}:{beat.board or 0}" for _, beat in beats],
            "gone": [connection for connection, beat in changes.items() if beat is None],
        }
        return (await self._ask("take", said)).news

    async def who(self, users: Sequence[UserId]) -> tuple[list[Presence], list[News]]:
        """How each of them is here, in order, and what is new."""
        answer, news = await self._ask("who", [*map(str, users)])
        found = zip(users, answer, strict=True)
        return [
            Presence(
                user=user,
                is_online=bool(here),
                is_active=bool(active),
                is_leaving=bool(leaving),
                seen_at=_moment(seen) if seen else None,
            )
            for user, (here, active, leaving, seen) in found
        ], news

    async def board(self, team: TeamId) -> tuple[list[Viewer], list[News]]:
        """Who has it open, by id, and what is new."""
        answer, news = await self._ask("board", str(team))
        return [Viewer(user=UserId(user), is_active=bool(active)) for user, active in sorted(answer)], news

    async def sweep(self) -> tuple[bool, list[News]]:
        """Let time take its effect; whether there is more of that to do, and what is new."""
        more, news = await self._ask("sweep", None)
        return bool(more), news

    async def _ask(self, verb: str, said: Any) -> Told:
        try:
            now, answer, news = await self._script(args=[self._lengths, verb, msgspec.json.encode(said)])
        except (RedisError, OSError) as error:
            if not self._is_away:
                log.warning("Redis does not answer; nobody's heartbeats count", error=str(error) or repr(error))
            self._is_away = True
            raise BusError(ErrorCode.OVERLOADED, "who is here is not known just now; try again") from error
        if self._is_away:
            log.info("Redis answers again")
        self._is_away = False
        return Told(answer, [*_read(_moment(now), news)])


def _read(now: datetime, news: Iterable[bytes]) -> Iterable[News]:
    """What the script says in words, as it is announced."""
    for line in news:
        kind, number, *rest = line.decode().split(" ")
        user = UserId(int(number))
        match kind, rest:
            case "online", []:
                yield WentOnline(user=user, at=now)
            case "offline", [seen]:
                yield WentOffline(user=user, seen_at=_moment(int(seen)))
            case "moved", [active, boards]:
                teams = tuple(TeamId(int(team)) for team in boards.split(",") if team)
                yield Moved(user=user, boards=teams, is_active=active == "1")
            case _:
                raise ValueError(line)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
