"""Alarms: when time next has something to say of a task that has a deadline.

`wake_at` is that moment; NULL when all has been said of this deadline, and infinity while the alarm sleeps: it rang
when nobody was to hear it, the task being done or away, and is set anew when the task is back. Whoever changes an alarm
holds the lock of its team.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.outbox import Waiting
from schemas.clock import Lead, TaskDueSoon, TaskOverdue
from schemas.ids import TeamId

AT_ONCE = 200
"""Alarms that one batch works off: the lock of their teams is short."""


class Rung(NamedTuple):
    """What a batch came to: how many alarms it met, and the events of those that somebody was to hear."""

    met: int
    events: list[Waiting]


def _moment_after(due_at: str, moment: str) -> str:
    """SQL: the first moment of a deadline after another moment; the deadline itself when all others have gone by."""
    leads = (f"{due_at} - interval '{lead} minutes'" for lead in sorted(Lead, reverse=True))
    return f"CASE {' '.join(f'WHEN {lead} > {moment} THEN {lead}' for lead in leads)} ELSE {due_at} END"


_IS_OPEN = "k.done_at IS NULL AND k.archived_at IS NULL AND k.deleted_at IS NULL"

SET = f"""
        INSERT INTO board.alarms AS a (task, team, due_at, wake_at)
        SELECT k.id, k.team, k.due_at, {_moment_after("k.due_at", "now()")}
        FROM saved_tasks k WHERE k.due_at IS NOT NULL AND {_IS_OPEN}
        ON CONFLICT (task) DO UPDATE SET due_at = excluded.due_at, wake_at = excluded.wake_at
        WHERE a.due_at <> excluded.due_at OR a.wake_at = 'infinity'"""
"""The part of the write statement that sets the alarms of `saved_tasks`."""

_RINGING = "a.wake_at <= :at AND a.wake_at < 'infinity'"

_LOCK = text(f"""
    SELECT t.id FROM board.teams t WHERE t.id = ANY (ARRAY(
        SELECT a.team FROM board.alarms a WHERE {_RINGING} ORDER BY a.wake_at LIMIT {AT_ONCE}))
    ORDER BY t.id FOR UPDATE
""")

# The events are made here, as the ledger would make them: ten thousand at once are too many to carry to and fro.
_EVENT = r"""
            '{"type":"%s","team":%s,"seq":%s,"at":%s,"by"\:null,"change":%s,"undoes"\:null,"task":%s%s}',
            type, team, seq, to_json(CAST(:now AS timestamptz)), seq, task, ',"lead":' || lead"""
_RING = text(f"""
    WITH met AS MATERIALIZED (
        SELECT a.task, a.team, a.due_at, a.wake_at FROM board.alarms a
        WHERE {_RINGING} AND (cardinality(CAST(:teams AS bigint[])) = 0 OR a.team = ANY (CAST(:teams AS bigint[])))
        ORDER BY a.wake_at LIMIT {AT_ONCE}),
    locked AS MATERIALIZED (
        SELECT t.id, t.seq FROM board.teams t WHERE t.id = ANY (ARRAY(SELECT team FROM met)) ORDER BY t.id FOR UPDATE),
    current AS MATERIALIZED (
        SELECT NOT EXISTS (
            SELECT FROM locked JOIN board.teams t ON t.id = locked.id WHERE t.seq <> locked.seq) AS ok),
    heard AS MATERIALIZED (
        SELECT k.id, k.team, t.seq + row_number() OVER (PARTITION BY k.team ORDER BY met.wake_at, k.id) AS seq,
            CASE WHEN met.due_at > :at THEN '{TaskDueSoon.tag()}' ELSE '{TaskOverdue.tag()}' END AS type,
            CASE WHEN met.due_at > :at THEN CAST(extract(epoch FROM met.due_at - met.wake_at) / 60 AS integer) END
                AS lead, row_to_json(k) AS task
        FROM board.tasks k JOIN met ON met.task = k.id AND met.due_at = k.due_at
        JOIN board.lists l ON l.id = k.list AND l.deleted_at IS NULL
        JOIN board.teams t ON t.id = k.team AND t.deleted_at IS NULL
        WHERE k.id = ANY (ARRAY(SELECT task FROM met)) AND {_IS_OPEN} AND (SELECT ok FROM current)),
    saved_events AS (
        INSERT INTO board.events (team, seq, at, type, change, task, noun, noun_id, payload, trace)
        SELECT team, seq, :now, type, seq, id, 'task', id, CAST(format({_EVENT}) AS json), CAST(:trace AS text)
        FROM heard
        RETURNING team, seq, type, payload),
    moved AS (
        UPDATE board.teams t SET seq = last.seq FROM (SELECT team, max(seq) AS seq FROM heard GROUP BY team) last
        WHERE t.id = last.team AND t.id = ANY (ARRAY(SELECT id FROM locked))),
    to_publish AS (
        INSERT INTO board.outbox (team, first, last, at)
        SELECT team, min(seq), max(seq), :now FROM heard GROUP BY team),
    wound AS (
        UPDATE board.alarms a SET wake_at = CASE WHEN a.task NOT IN (SELECT id FROM heard) THEN 'infinity'
            WHEN a.due_at > :at THEN {_moment_after("a.due_at", "a.wake_at")} END
        WHERE a.task = ANY (ARRAY(SELECT task FROM met)) AND (SELECT ok FROM current))
    SELECT (SELECT ok FROM current), (SELECT count(*) FROM met), e.team, min(e.seq) OVER (PARTITION BY e.team), e.seq,
        e.type, CAST(e.payload AS text)
    FROM (SELECT 1) always LEFT JOIN saved_events e ON true ORDER BY e.team, e.seq
""")

_WAKE = text(f"""
    UPDATE board.alarms a SET wake_at = {_moment_after("a.due_at", "now()")}
    WHERE a.wake_at = 'infinity' AND a.team = ANY (CAST(:teams AS bigint[]))
        AND EXISTS (SELECT FROM board.tasks k WHERE k.id = a.task AND {_IS_OPEN})
""")


async def lock_ringing(connection: AsyncConnection, at: datetime) -> list[TeamId]:
    """Lock the teams whose alarms are the first to have rung by then, in the order of their ids as everybody does."""
    return list((await connection.execute(_LOCK, {"at": at})).scalars())


async def ring(
    connection: AsyncConnection, at: datetime, now: datetime, trace: str, teams: Sequence[TeamId] = ()
) -> Rung | None:
    """Tell what time has to say of tasks, where teams are named of theirs, and set the alarms to what comes next.

    It locks the teams. None when one of them was changed between reading and locking; then nothing was written.
    """
    rows = (await connection.execute(_RING, {"teams": list(teams), "at": at, "now": now, "trace": trace})).all()
    if not rows[0][0]:
        return None
    events = [
        Waiting(team, first, seq, kind, payload, trace)
        for _, _, team, first, seq, kind, payload in rows
        if team is not None
    ]
    return Rung(rows[0][1], events)


async def wake(connection: AsyncConnection, teams: Iterable[TeamId]) -> None:
    """Set the sleeping alarms of locked teams in which something has come back from the trash."""
    await connection.execute(_WAKE, {"teams": sorted(teams)})
