"""What becomes of events about accounts that nobody can read."""

from types import SimpleNamespace
from typing import Any

from gateway.access.people import People
from gateway.access.session_index import SessionIndex
from gateway.access.sessions import Sessions
from gateway.access.tokens import Tokens
from gateway.live.fanout import Fanout
from infra.bus import Bus
from infra.redis import Redis


async def test_an_event_that_cannot_be_read_is_passed_over_and_does_not_come_again(
    bus: Bus, redis: Redis, gateway: Any
) -> None:
    sessions = Sessions(redis)
    fanout: Fanout = gateway.fanout
    people = People(bus, sessions, SessionIndex(redis, sessions), Tokens(bus), fanout)
    broken: Any = SimpleNamespace(subject="usr.account.updated.1", data=b'{"user": "nobody"')

    # Whatever this raises, the stream would send again for ever.
    await people._follow([broken])  # pyright: ignore[reportPrivateUsage]
