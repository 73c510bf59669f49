"""The outbox: which events are not yet known to lie safely in the stream."""

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
    seq: Seq
    type: str
    payload: str
    trace: str


_WAITING = text("""
    SELECT o.team, o.seq, e.type, CAST(e.payload AS text) AS payload, e.trace
    FROM board.outbox o JOIN board.events e USING (team, seq)
    WHERE (o.team, o.seq) > (:team, :seq) AND o.at < :before ORDER BY o.team, o.seq LIMIT :limit
""")

_DELETE = text("""
    DELETE FROM board.outbox o USING unnest(CAST(:teams AS bigint[]), CAST(:seqs AS bigint[])) p (team, seq)
    WHERE o.team = p.team AND o.seq = p.seq
""")


async def waiting(connection: AsyncConnection, after: Place, before: datetime, *, limit: int) -> list[Waiting]:
    """Events that were written before a moment and stand behind a place, in order."""
    parameters = {"team": after[0], "seq": after[1], "before": before, "limit": limit}
    return [Waiting(*row) for row in await connection.execute(_WAITING, parameters)]


async def delete(connection: AsyncConnection, places: Sequence[Place]) -> None:
    """Forget events that are safe."""
    parameters = {"teams": [team for team, _ in places], "seqs": [seq for _, seq in places]}
    await connection.execute(_DELETE, parameters)
