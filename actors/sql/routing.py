"""The statements of routing: lock whoever is told, read what waits for them, write where it goes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.intake import Listener, Wish, as_json
from actors.sql.recipients import Recipient
from schemas.accounts import Language
from schemas.base import UtcTime
from schemas.ids import ChatId, NoticeId, UserId
from schemas.notices import SHOWN_AT_ONCE, Attempt, Kind, Notice

AT_ONCE = 500
"""Recipients."""

_NOTICES_AT_ONCE = 10_000
"""Of one recipient; what is more becomes a summary of its own."""


class Tried(Attempt, frozen=True, kw_only=True):
    """An attempt as it is kept: how it goes with a delivery, that one tells."""

    delivery: int | None = None


class Open(msgspec.Struct, frozen=True):
    """A notice that is to be told, or is shown in the web and not acknowledged."""

    id: NoticeId
    recipient: int
    thread: int
    kind: Kind
    stage: str
    next_at: UtcTime | None
    attempts: tuple[Tried, ...]
    whole: Notice | None
    """Only of the first ones."""


class Pace(msgspec.Struct, frozen=True):
    """How often somebody was told something of late."""

    recipient: int
    thread: int
    since: UtcTime | None
    told: int
    held_until: UtcTime | None


class Group(Listener, frozen=True):
    """A group that is told, and whose language that is in."""

    bound_by: UserId
    is_reachable: bool


class Waiting(msgspec.Struct, frozen=True):
    """What there is to decide on."""

    open: list[Open]
    wishes: list[Wish]
    groups: list[Group]
    unread: dict[UserId, int]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Where a notice goes."""

    id: NoticeId
    stage: str
    next_at: UtcTime | None = None
    toast: NoticeId | None = None
    recipient: int | None = None
    """Together with `thread`: becomes part of the delivery that is made for them now."""
    thread: int = 0
    attempts: tuple[Tried, ...] = ()
    wakes: bool = False
    """It was snoozed, and counts as new."""


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is to be made."""

    chat: ChatId
    recipient: int
    thread: int
    language: Language | None
    time_zone: str
    notices: tuple[NoticeId, ...]
    is_digest: bool
    state: str
    tries_left: int
    created_at: UtcTime
    next_at: UtcTime
    nudge_at: UtcTime


_NAMED = "unnest(CAST(:recipients AS bigint[]), CAST(:threads AS bigint[])) AS r (recipient, thread)"
_PLACE = "recipient, thread"

_MEET = text(f"""
    INSERT INTO notices.paces ({_PLACE}) SELECT {_PLACE} FROM {_NAMED}
    WHERE NOT EXISTS (SELECT 1 FROM notices.paces p WHERE p.recipient = r.recipient AND p.thread = r.thread)
    ORDER BY {_PLACE} ON CONFLICT DO NOTHING
""")

_LOCK = """
    SELECT p.recipient, p.thread, p.since, p.told, p.held_until FROM notices.paces p
    JOIN {named} ON p.recipient = r.recipient AND p.thread = r.thread
    ORDER BY p.recipient, p.thread FOR UPDATE OF p {skip}
"""
_LOCKS = {waits: text(_LOCK.format(named=_NAMED, skip="" if waits else "SKIP LOCKED")) for waits in (True, False)}

NOTICE = """jsonb_build_object('id', n.id, 'user', CASE WHEN n.recipient > 0 THEN n.recipient ELSE n.whom END,
    'user_name', n.whom_name, 'kind', n.kind, 'team', n.team, 'team_name', n.team_name, 'seq', n.seq, 'at', n.at,
    'by', n.by, 'by_name', n.by_name, 'task', n.task, 'title', n.title, 'comment', n.comment, 'text', n.text,
    'due_at', n.due_at, 'lead', n.lead, 'read_at', n.read_at, 'snoozed_until', n.snoozed_until)"""
"""A row `n` of the notices as the record of the contract, without its attempts."""

_LOAD = text(f"""
    WITH named AS (SELECT {_PLACE} FROM {_NAMED}),
    due AS MATERIALIZED (
        SELECT n.id FROM named r CROSS JOIN LATERAL (
            SELECT w.id FROM notices.notices w
            WHERE w.recipient = r.recipient AND w.thread = r.thread AND w.stage <> 'settled'
                AND (w.stage IN ('new', 'toasted') OR w.next_at <= :now)
            ORDER BY w.id LIMIT {_NOTICES_AT_ONCE}) n),
    open AS MATERIALIZED (
        SELECT n.* FROM notices.notices n WHERE n.id = ANY (ARRAY(SELECT id FROM due))
            AND n.stage <> 'settled' AND (n.stage IN ('new', 'toasted') OR n.next_at <= :now)
        ORDER BY n.id FOR UPDATE)
    SELECT CAST(json_build_object(
        'open', (SELECT coalesce(json_agg(json_build_object('id', n.id, 'recipient', n.recipient,
            'thread', n.thread, 'kind', n.kind, 'stage', n.stage, 'next_at', n.next_at, 'attempts', n.attempts,
            'whole', CASE WHEN n.place <= {SHOWN_AT_ONCE} AND n.recipient > 0 THEN {NOTICE} END)
            ORDER BY n.id), '[]')
            FROM (SELECT *, row_number() OVER (PARTITION BY recipient, stage = 'toasted' ORDER BY id) AS place
                FROM open) n),
        'wishes', (SELECT coalesce(json_agg(json_build_object(
                'user', p."user", 'wishes', p.wishes, 'reminders', json_build_object())), '[]')
            FROM notices.preferences p WHERE p."user" IN (SELECT recipient FROM named)),
        'groups', (SELECT coalesce(json_agg(g), '[]') FROM notices.groups g
            WHERE (g.chat, g.thread) IN (SELECT recipient, thread FROM named)),
        'unread', (SELECT coalesce(json_object_agg(u.recipient, u.unread), '{{}}') FROM (
            SELECT recipient, count(*) AS unread FROM notices.notices
            WHERE read_at IS NULL AND recipient = ANY (CAST(:watching AS bigint[])) GROUP BY recipient) u)) AS text)
""")

_WRITE = text(f"""
    WITH moved AS (
        SELECT * FROM json_to_recordset(CAST(:moved AS json)) AS m (
            id bigint, stage text, next_at timestamptz, toast bigint, recipient bigint, thread bigint,
            attempts jsonb, wakes boolean)),
    made AS (
        INSERT INTO notices.deliveries (chat, {_PLACE}, language, time_zone, notices, is_digest, state, tries_left,
            created_at, next_at, nudge_at)
        SELECT chat, {_PLACE}, language, time_zone, notices, is_digest, state, tries_left, created_at, next_at,
            nudge_at
        FROM json_populate_recordset(NULL::notices.deliveries, CAST(:sending AS json)) ORDER BY {_PLACE}
        RETURNING id, {_PLACE}),
    paced AS (
        UPDATE notices.paces p SET since = g.since, told = g.told, held_until = g.held_until
        FROM json_populate_recordset(NULL::notices.paces, CAST(:paces AS json)) g
        WHERE p.recipient = g.recipient AND p.thread = g.thread)
    UPDATE notices.notices n SET stage = m.stage, next_at = m.next_at, toast = coalesce(m.toast, n.toast),
        delivery = made.id, read_at = CASE WHEN m.wakes THEN NULL ELSE n.read_at END,
        snoozed_until = CASE WHEN m.wakes THEN NULL ELSE n.snoozed_until END,
        attempts = CASE WHEN made.id IS NULL THEN m.attempts
            ELSE jsonb_set(m.attempts, '{{-1,delivery}}', to_jsonb(made.id)) END
    FROM moved m LEFT JOIN made ON made.recipient = m.recipient AND made.thread = m.thread WHERE n.id = m.id
""")

_BINDERS = text(f"""
    SELECT g.chat, g.thread, g.bound_by FROM notices.groups g
    JOIN {_NAMED} ON g.chat = r.recipient AND g.thread = r.thread
""")

_DUE = text("""
    SELECT DISTINCT recipient, thread FROM (
        SELECT recipient, thread FROM notices.notices WHERE next_at <= :now ORDER BY next_at LIMIT :limit) due
    UNION SELECT DISTINCT recipient, thread FROM notices.notices
        WHERE recipient = ANY (CAST(:gone AS bigint[])) AND thread = 0 AND stage = 'toasted'
""")

_PUT_OFF = text("""
    UPDATE notices.notices SET next_at = :until
    WHERE recipient = :recipient AND thread = :thread AND stage <> 'settled' AND next_at <= :until
""")

_waiting = msgspec.json.Decoder(Waiting)


def _named(recipients: Collection[Recipient]) -> dict[str, list[int]]:
    return {"recipients": [one.address for one in recipients], "threads": [one.thread for one in recipients]}


async def lock(connection: AsyncConnection, recipients: Collection[Recipient], *, waits: bool) -> list[Pace]:
    """Whoever tells them something else waits until this transaction is over.

    Without `waits` those are left out whom somebody else tells something right now.
    """
    named = _named(recipients)
    rows = (await connection.execute(_LOCKS[waits], named)).all()
    if len(rows) < len(recipients):
        # Some were never told anything before, or they are told something right now.
        await connection.execute(_MEET, named)
        rows = (await connection.execute(_LOCKS[waits], named)).all()
    return [Pace(*row) for row in rows]


async def binders(connection: AsyncConnection, groups: Collection[Recipient]) -> Mapping[Recipient, UserId]:
    """Who has bound these groups."""
    return {
        Recipient(chat, thread): UserId(by) for chat, thread, by in await connection.execute(_BINDERS, _named(groups))
    }


async def load(
    connection: AsyncConnection, recipients: Collection[Recipient], watching: Collection[UserId], now: datetime
) -> Waiting:
    """What there is to tell them, now; how many notices are unread, of those who are `watching`."""
    parameters = _named(recipients) | {"watching": list(watching), "now": now}
    return _waiting.decode((await connection.execute(_LOAD, parameters)).scalar_one())


async def write(
    connection: AsyncConnection, moved: Sequence[Moved], sending: Sequence[Sending], paces: Sequence[Pace]
) -> None:
    """Where all that goes."""
    parameters = {"moved": as_json(moved), "sending": as_json(sending), "paces": as_json(paces)}
    await connection.execute(_WRITE, parameters)


async def due(connection: AsyncConnection, now: datetime, gone: Collection[UserId], *, limit: int) -> list[Recipient]:
    """For whom something waits whose time has come; and of those who are `gone`, whom a toast cannot have reached."""
    rows = await connection.execute(_DUE, {"now": now, "gone": list(gone), "limit": limit})
    return [Recipient(*row) for row in rows]


async def put_off(connection: AsyncConnection, recipient: Recipient, until: datetime) -> None:
    """Take up what waits for one recipient no sooner than that."""
    named = {"recipient": recipient.address, "thread": recipient.thread, "until": until}
    await connection.execute(_PUT_OFF, named)


def by_recipient(rows: Sequence[Open]) -> Mapping[Recipient, list[Open]]:
    """In the order of their ids."""
    found: dict[Recipient, list[Open]] = {}
    for row in rows:
        found.setdefault(Recipient(row.recipient, row.thread), []).append(row)
    return found
