"""The statements of the notifier's intake: where it stands, what it has to know, and one that writes all at once.

Rows travel as JSON, as those of the task store do (`actors/sql/loading.py`).
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.recipients import Recipient
from schemas.base import Record, UtcTime
from schemas.ids import ChatId, CommentId, Seq, TaskId, TeamId, UserId
from schemas.notices import Kind, Preferences
from schemas.replay import Position

NOWHERE = TeamId(0)
"""The row of this team says that the notifier once stood anywhere."""


class Listener(msgspec.Struct, frozen=True):
    """A group that hears of a team."""

    chat: ChatId
    thread: int
    """0 for none."""
    team: TeamId
    team_name: str
    kinds: frozenset[Kind]


class Standpoint(msgspec.Struct, frozen=True):
    """Where some teams stand here, and who listens to them."""

    positions: list[Position]
    groups: list[Listener]


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants for themselves: how they are told, and of which tasks at another time."""

    user: UserId
    wishes: Preferences | None
    reminders: dict[TaskId, int | None]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that is to be written."""

    recipient: int
    thread: int
    kind: Kind
    team: TeamId
    team_name: str
    seq: Seq
    at: UtcTime
    by: UserId | None
    by_name: str | None
    whom: UserId | None
    whom_name: str | None
    task: TaskId | None
    title: str | None
    comment: CommentId | None
    text: str | None
    due_at: UtcTime | None
    lead: int | None
    stage: str
    next_at: UtcTime


_EVERYTHING = tuple(Kind)


class Cancel(Record):
    """Notices of these kinds, older than `seq`, about the task, or about all in the team, need not be sent."""

    team: TeamId
    seq: Seq
    why: str
    kinds: tuple[Kind, ...] = _EVERYTHING
    task: TaskId | None = None
    comment: CommentId | None = None
    user: UserId | None = None
    """Only what tells of this person, or tells them."""
    but: tuple[UserId, ...] = ()
    """Not what tells of these, or tells them."""
    due_at: UtcTime | msgspec.UnsetType | None = msgspec.UNSET
    """Only where the deadline was another one."""


class Written(msgspec.Struct, frozen=True):
    """Whom there is something new for, and where the teams stood before."""

    recipients: list[Recipient]
    positions: list[Position]


_STAND = text("""
    WITH named AS (SELECT unnest(CAST(:teams AS bigint[])) AS team),
    appeared AS (
        INSERT INTO notices.positions (team, seq)
        SELECT team, 0 FROM named WHERE NOT EXISTS (SELECT 1 FROM notices.positions p WHERE p.team = named.team)
        ORDER BY team
        ON CONFLICT DO NOTHING)
    SELECT CAST(json_build_object(
        'positions', (SELECT coalesce(json_agg(json_build_object('team', team, 'seq', coalesce(p.seq, 0))), '[]')
            FROM named LEFT JOIN notices.positions p USING (team)),
        'groups', (SELECT coalesce(json_agg(g), '[]') FROM notices.groups g
            WHERE g.is_reachable AND g.team IN (SELECT team FROM named))) AS text)
""")

_STOOD = text("SELECT EXISTS (SELECT 1 FROM notices.positions)")

_FIRST = text("""
    INSERT INTO notices.positions (team, seq)
    SELECT team, seq FROM json_populate_recordset(NULL::notices.positions, CAST(:positions AS json)) ORDER BY team
    ON CONFLICT DO NOTHING
""")

_BEHIND = text("""
    SELECT CAST(coalesce(json_agg(json_build_object('team', t.team, 'seq', t.seq)), '[]') AS text)
    FROM json_populate_recordset(NULL::notices.positions, CAST(:positions AS json)) t
    LEFT JOIN notices.positions p USING (team) WHERE coalesce(p.seq, 0) < t.seq
""")

_WISHES = text("""
    SELECT CAST(coalesce(json_agg(json_build_object('user', u."user", 'wishes', p.wishes, 'reminders', coalesce(
        (SELECT json_object_agg(r.task, r.remind) FROM notices.reminders r
            WHERE r."user" = u."user" AND r.task = ANY (CAST(:tasks AS bigint[]))), '{}'))), '[]') AS text)
    FROM (SELECT unnest(CAST(:users AS bigint[])) AS "user") u LEFT JOIN notices.preferences p USING ("user")
""")

_MENTIONED = text("""
    SELECT DISTINCT comment, recipient, thread FROM notices.notices
    WHERE comment = ANY (CAST(:comments AS bigint[])) AND kind = 'mentioned'
""")

_COLUMNS = ", ".join(f'"{name}"' for name in Draft.__struct_fields__)
_WRITE = text(f"""
    WITH stood AS MATERIALIZED (
        SELECT team, seq FROM notices.positions WHERE team = ANY (CAST(:teams AS bigint[])) ORDER BY team FOR UPDATE),
    added AS (
        INSERT INTO notices.notices ({_COLUMNS})
        SELECT {_COLUMNS} FROM (
            SELECT n.* FROM json_populate_recordset(NULL::notices.notices, CAST(:notices AS json)) n
            JOIN stood s ON s.team = n.team AND s.seq < n.seq ORDER BY n.at, n.team, n.seq) n
        ON CONFLICT DO NOTHING RETURNING recipient, thread),
    moved AS (
        UPDATE notices.positions p SET seq = m.seq
        FROM json_populate_recordset(NULL::notices.positions, CAST(:positions AS json)) m
        WHERE p.team = m.team AND p.seq < m.seq AND EXISTS (SELECT 1 FROM stood)),
    renamed AS (
        UPDATE notices.groups g SET team_name = r.team_name
        FROM json_populate_recordset(NULL::notices.groups, CAST(:renamed AS json)) r WHERE g.team = r.team)
    SELECT CAST(json_build_object(
        'recipients', (SELECT coalesce(json_agg(DISTINCT jsonb_build_array(recipient, thread)), '[]') FROM added),
        'positions', (SELECT coalesce(json_agg(s), '[]') FROM stood s)) AS text)
""")

# The attempt that a waiting notice ends with is over, too; of one that lies in a delivery, the delivery tells.
ENDED = """CASE WHEN n.stage IN ('toasted', 'quiet', 'digest')
    THEN jsonb_set(n.attempts, '{-1,state}', '"cancelled"') ELSE n.attempts END"""

_OPEN = """SELECT n.id, n.kind, n.seq, n.comment, n.due_at,
        CASE WHEN n.recipient > 0 THEN n.recipient ELSE n.whom END AS person,
        c.why, c.kinds, c.but, c.has_due, c.seq AS until, c.comment AS only_comment, c."user" AS only_user,
        c.due_at AS other_due_at
    FROM given c JOIN notices.notices n ON n.stage <> 'settled' AND n.team = c.team"""
_OPEN_OF_TASKS = f"{_OPEN} AND n.task = c.task"
_OPEN_OF_TEAMS = f"{_OPEN} WHERE c.task IS NULL"

_CANCEL = text(f"""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:cancels AS json)) AS c (
            team bigint, seq bigint, why text, kinds text[], task bigint, comment bigint, "user" bigint, but bigint[],
            has_due boolean, due_at timestamptz)),
    pointless AS (
        SELECT n.id, (array_agg(n.why ORDER BY n.until))[1] AS why FROM ({_OPEN_OF_TASKS} UNION ALL {_OPEN_OF_TEAMS}) n
        WHERE n.seq < n.until AND n.kind = ANY (n.kinds) AND n.person <> ALL (n.but)
            AND (n.only_comment IS NULL OR n.only_comment = n.comment)
            AND (n.only_user IS NULL OR n.only_user = n.person)
            AND (NOT n.has_due OR n.other_due_at IS DISTINCT FROM n.due_at)
        GROUP BY n.id),
    locked AS MATERIALIZED (
        SELECT id FROM notices.notices WHERE id IN (SELECT id FROM pointless) ORDER BY id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'settled', next_at = NULL, outcome = p.why, attempts = {ENDED}
    FROM locked l JOIN pointless p USING (id) WHERE n.id = l.id AND n.stage <> 'settled'
""")

_standpoint = msgspec.json.Decoder(Standpoint)
_positions = msgspec.json.Decoder(list[Position])
_wishes = msgspec.json.Decoder(list[Wish])
_written = msgspec.json.Decoder(Written)


def as_json(rows: Any) -> str:
    """Rows as a parameter."""
    return msgspec.json.encode(rows).decode()


async def stand(connection: AsyncConnection, teams: Collection[TeamId]) -> Standpoint:
    """Where these teams stand; those that nobody heard of yet stand at 0 from now on."""
    return _standpoint.decode((await connection.execute(_STAND, {"teams": list(teams)})).scalar_one())


async def has_stood(connection: AsyncConnection) -> bool:
    """Whether the notifier ever ran."""
    return (await connection.execute(_STOOD)).scalar_one()


async def begin(connection: AsyncConnection, positions: Sequence[Position]) -> None:
    """Where the teams stand now, everything older is known."""
    first = [{"team": NOWHERE, "seq": 0}, *positions]
    await connection.execute(_FIRST, {"positions": as_json(first)})


async def behind(connection: AsyncConnection, positions: Sequence[Position]) -> list[Position]:
    """Of these positions, those that lie further than we are."""
    return _positions.decode((await connection.execute(_BEHIND, {"positions": as_json(positions)})).scalar_one())


async def wishes(connection: AsyncConnection, users: Collection[UserId], tasks: Collection[TaskId]) -> list[Wish]:
    """How these people want to be told, and when they want to be reminded of these tasks."""
    parameters = {"users": list(users), "tasks": list(tasks)}
    return _wishes.decode((await connection.execute(_WISHES, parameters)).scalar_one())


async def mentioned(connection: AsyncConnection, comments: Collection[CommentId]) -> set[tuple[CommentId, Recipient]]:
    """Who was told already that these comments name them."""
    rows = await connection.execute(_MENTIONED, {"comments": list(comments)})
    return {(CommentId(comment), Recipient(recipient, thread)) for comment, recipient, thread in rows}


async def write(
    connection: AsyncConnection, positions: Sequence[Position], drafts: Sequence[Draft], renamed: Sequence[Any]
) -> Written:
    """Write the notices of events that are new, and move on; the teams stay locked until the transaction ends."""
    parameters = {
        "teams": [position.team for position in positions],
        "positions": as_json(positions),
        "notices": as_json(drafts),
        "renamed": as_json(renamed),
    }
    return _written.decode((await connection.execute(_WRITE, parameters)).scalar_one())


async def cancel(connection: AsyncConnection, cancels: Iterable[Cancel]) -> None:
    """Settle what is pointless of what was not yet sent; in the inbox it stays."""
    rows = [
        msgspec.structs.asdict(one)
        | {"has_due": one.due_at is not msgspec.UNSET, "due_at": None if one.due_at is msgspec.UNSET else one.due_at}
        for one in cancels
    ]
    await connection.execute(_CANCEL, {"cancels": as_json(rows)})
