"""The outbox: which events are not yet known to lie safely in the stream. One row for each batch and team."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.ids import Seq, TeamId

Place = tuple[TeamId, Seq]


class Waiting(NamedTuple):
    """An event that waits in the outbox, with what it takes to publish it."""

    team: TeamId
    first: Seq
    """Of the batch that it belongs to: what the outbox calls it by."""
    seq: Seq
    type: str
    payload: str
    trace: str

    @property
    def place(self) -> Place:
        """The batch that it belongs to."""
        return (self.team, self.first)


_WAITING = text("""
    SELECT o.team, o.first, e.seq, e.type, CAST(e.payload AS text) AS payload, e.trace
    FROM (SELECT * FROM board.outbox WHERE (team, first) > (:team, :first) AND at < :before
        ORDER BY team, first LIMIT :limit) o
    JOIN board.events e ON e.team = o.team AND e.seq BETWEEN o.first AND o.last ORDER BY o.team, e.seq
""")

_DELETE = text("""
    DELETE FROM board.outbox o USING unnest(CAST(:teams AS bigint[]), CAST(:firsts AS bigint[])) p (team, first)
    WHERE o.team = p.team AND o.first = p.first
""")


async def waiting(connection: AsyncConnection, after: Place, before: datetime, *, limit: int) -> list[Waiting]:
    """The events of up to `limit` batches that were written before a moment and stand behind a place, in order."""
    parameters = {"team": after[0], "first": after[1], "before": before, "limit": limit}
    return [Waiting(*row) for row in await connection.execute(_WAITING, parameters)]


async def delete(connection: AsyncConnection, places: Sequence[Place]) -> None:
    """Forget batches, each by its team and its first event, that are safe."""
    parameters = {"teams": [team for team, _ in places], "firsts": [first for _, first in places]}
    await connection.execute(_DELETE, parameters)
