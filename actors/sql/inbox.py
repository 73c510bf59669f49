"""The statements of inboxes: everything that somebody was told, read or not."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.intake import ENDED
from actors.sql.routing import NOTICE
from schemas.ids import NoticeId, TaskId, UserId
from schemas.notices import Notice

# How it goes with what lies in a delivery, the delivery says; what is no longer part of it was taken back.
_ATTEMPTS = """(
    SELECT coalesce(jsonb_agg(CASE
        WHEN d.id IS NULL THEN a.one || jsonb_build_object('error', coalesce(a.one->>'error',
            CASE a.one->>'state' WHEN 'cancelled' THEN n.outcome END))
        WHEN d.id = n.delivery AND n.stage = 'queued'
                OR n.id = ANY (d.notices) AND d.state NOT IN ('waiting', 'cancelled')
            THEN a.one || jsonb_build_object('state', d.state, 'tries', d.tries, 'error', d.error)
        ELSE a.one || jsonb_build_object('state', 'cancelled', 'tries', d.tries, 'error', n.outcome) END
        ORDER BY a.place), '[]')
    FROM jsonb_array_elements(n.attempts) WITH ORDINALITY AS a (one, place)
    LEFT JOIN notices.deliveries d ON d.id = CAST(a.one->>'delivery' AS bigint))"""
_WITH_ATTEMPTS = f"({NOTICE} || jsonb_build_object('attempts', {_ATTEMPTS}))"

_PAGE = """
    SELECT CAST(coalesce(jsonb_agg({with_attempts} ORDER BY n.id DESC), '[]') AS text) FROM (
        SELECT * FROM notices.notices
        WHERE recipient = :user AND id < coalesce(CAST(:before AS bigint), 9223372036854775807) {and_unread}
        ORDER BY id DESC LIMIT :limit) n
"""
_PAGES = {
    unread: text(_PAGE.format(with_attempts=_WITH_ATTEMPTS, and_unread="AND read_at IS NULL" if unread else ""))
    for unread in (False, True)
}

_UNREAD = text("SELECT count(*) FROM notices.notices WHERE recipient = :user AND read_at IS NULL")

_THEIRS = text("""
    SELECT a."user", n.id FROM unnest(CAST(:users AS bigint[]), CAST(:notices AS bigint[])) a ("user", notice)
    JOIN notices.notices n ON n.id = a.notice AND n.recipient = a."user"
""")

_READ = text(f"""
    WITH locked AS MATERIALIZED (
        SELECT id FROM notices.notices WHERE recipient = :user AND read_at IS NULL AND
            (:all OR id = ANY (CAST(:notices AS bigint[])) OR task = CAST(:task AS bigint))
        ORDER BY id FOR UPDATE)
    UPDATE notices.notices n SET read_at = :at, stage = 'settled', next_at = NULL, attempts = {ENDED},
        outcome = CASE WHEN n.stage <> 'settled' THEN 'read' ELSE n.outcome END
    FROM locked WHERE n.id = locked.id
""")

# One acknowledgement is for all that the toast tells of, also what it only counted; however late it comes.
_ACKNOWLEDGE = text("""
    WITH named AS (
        SELECT a."user", n.toast FROM unnest(CAST(:users AS bigint[]), CAST(:notices AS bigint[])) a ("user", notice)
        JOIN notices.notices n ON n.id = a.notice AND n.recipient = a."user" AND n.toast IS NOT NULL),
    locked AS MATERIALIZED (
        SELECT n.id FROM notices.notices n
        WHERE (n.recipient, n.toast) IN (SELECT "user", toast FROM named) AND n.thread = 0 AND n.stage <> 'settled'
            AND n.stage <> 'snoozed' ORDER BY n.id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'settled', next_at = NULL,
        outcome = CASE WHEN n.stage <> 'toasted' THEN 'shown in the web' END,
        attempts = CASE WHEN n.stage = 'toasted' THEN jsonb_set(n.attempts, '{-1,state}', '"delivered"')
            WHEN n.stage IN ('quiet', 'digest') THEN jsonb_set(n.attempts, '{-1,state}', '"cancelled"')
            ELSE n.attempts END
    FROM locked WHERE n.id = locked.id
""")

_SNOOZE = text(f"""
    UPDATE notices.notices n SET stage = 'snoozed', next_at = :until, snoozed_until = :until, outcome = NULL,
        delivery = NULL, attempts = {ENDED}, read_at = coalesce(n.read_at, :at)
    WHERE n.id = :notice AND n.recipient = :user RETURNING n.id
""")

_ONE = text(f"""
    SELECT CAST({_WITH_ATTEMPTS} AS text) FROM notices.notices n WHERE n.id = :notice AND n.recipient = :user
""")

_notices = msgspec.json.Decoder(list[Notice])
_notice = msgspec.json.Decoder(Notice)


async def page(
    connection: AsyncConnection, user: UserId, before: NoticeId | None, limit: int, *, unread: bool
) -> list[Notice]:
    """Some of an inbox, newest first."""
    parameters = {"user": user, "before": before, "limit": limit}
    return _notices.decode((await connection.execute(_PAGES[unread], parameters)).scalar_one())


async def unread_of(connection: AsyncConnection, user: UserId) -> int:
    """How many they have not read."""
    return (await connection.execute(_UNREAD, {"user": user})).scalar_one()


async def theirs(
    connection: AsyncConnection, pairs: Collection[tuple[UserId, NoticeId]]
) -> set[tuple[UserId, NoticeId]]:
    """Of these, the notices that exist and were told to that person."""
    rows = await connection.execute(_THEIRS, _pairs(pairs))
    return {(UserId(user), NoticeId(notice)) for user, notice in rows}


async def are_theirs(connection: AsyncConnection, user: UserId, notices: Collection[NoticeId]) -> bool:
    """Whether every one of these exists and was told to them."""
    pairs = {(user, notice) for notice in notices}
    return not pairs or await theirs(connection, pairs) == pairs


async def read(
    connection: AsyncConnection, user: UserId, at: datetime, what: tuple[Sequence[NoticeId], TaskId | None, bool]
) -> int:
    """Mark these notices, all about a task, or all as read; gives how many were not."""
    notices, task, everything = what
    parameters = {"user": user, "at": at, "notices": list(notices), "task": task, "all": everything}
    return (await connection.execute(_READ, parameters)).rowcount


async def acknowledge(connection: AsyncConnection, shown: Collection[tuple[UserId, NoticeId]]) -> None:
    """These toasts were seen by these people; of toasts of others nothing is touched."""
    await connection.execute(_ACKNOWLEDGE, _pairs(shown))


def _pairs(pairs: Collection[tuple[UserId, NoticeId]]) -> dict[str, list[int]]:
    return {"users": [user for user, _ in pairs], "notices": [notice for _, notice in pairs]}


async def snooze(
    connection: AsyncConnection, user: UserId, notice: NoticeId, until: datetime, at: datetime
) -> Notice | None:
    """Until then it counts as read; None when it is not theirs."""
    parameters = {"user": user, "notice": notice, "until": until, "at": at}
    if (await connection.execute(_SNOOZE, parameters)).scalar() is None:
        return None
    return _notice.decode((await connection.execute(_ONE, {"user": user, "notice": notice})).scalar_one())


_FORGET = text("""
    DELETE FROM notices.notices WHERE id IN (
        SELECT id FROM (SELECT id, at FROM notices.notices WHERE stage <> 'snoozed' ORDER BY id LIMIT :limit) oldest
        WHERE at < :before)
""")

_FORGET_READ = text("""
    WITH many AS (
        SELECT recipient FROM notices.notices WHERE read_at IS NOT NULL AND recipient > 0 AND stage = 'settled'
        GROUP BY recipient HAVING count(*) > :kept LIMIT 20)
    DELETE FROM notices.notices WHERE id IN (
        SELECT old.id FROM many CROSS JOIN LATERAL (
            SELECT id FROM notices.notices n WHERE n.recipient = many.recipient AND n.read_at IS NOT NULL
                AND n.stage = 'settled' ORDER BY id DESC OFFSET :kept LIMIT :limit) old)
""")

_FORGET_DELIVERIES = text("""
    DELETE FROM notices.deliveries WHERE id IN (
        SELECT id FROM (SELECT id, created_at, state FROM notices.deliveries ORDER BY id LIMIT :limit) oldest
        WHERE created_at < :before AND state NOT IN ('waiting', 'sending'))
""")


async def forget(connection: AsyncConnection, now: datetime, age: timedelta, kept: int, *, limit: int) -> bool:
    """One step: what is older than `age`, and of what each has read all but the newest. Whether there may be more."""
    before = {"before": now - age, "limit": limit}
    old = (await connection.execute(_FORGET, before)).rowcount
    read_ones = (await connection.execute(_FORGET_READ, {"kept": kept, "limit": limit})).rowcount
    sent = (await connection.execute(_FORGET_DELIVERIES, before)).rowcount
    return max(old, read_ones, sent) >= limit
