"""The statements of deliveries: one Telegram message each, settled one after another in each chat."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.routing import NOTICE
from schemas.accounts import Language
from schemas.base import UtcTime
from schemas.deliveries import Delivery, DeliveryRow
from schemas.ids import ChatId, DeliveryId, MessageId, NoticeId, ThreadId, UserId
from schemas.notices import SHOWN_AT_ONCE, Notice, State


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it is kept."""

    id: DeliveryId
    chat: ChatId
    recipient: int
    thread: int
    language: Language | None
    time_zone: str
    notices: tuple[NoticeId, ...]
    is_digest: bool
    state: State
    tries: int
    tries_left: int
    created_at: UtcTime
    next_at: UtcTime | None
    error: str | None
    message: MessageId | None

    def told(self, notices: Sequence[Notice]) -> Delivery:
        """As the contract has it, with the first of its notices."""
        return Delivery(
            id=self.id,
            chat=self.chat,
            thread=ThreadId(self.thread) if self.thread else None,
            user=UserId(self.recipient) if self.recipient > 0 else None,
            language=self.language,
            time_zone=self.time_zone,
            notices=tuple(notices),
            more=len(self.notices) - len(notices),
            is_digest=self.is_digest,
            attempt=self.tries,
        )

    def shown(self) -> DeliveryRow:
        """As administrators see it."""
        return DeliveryRow(
            id=self.id,
            chat=self.chat,
            user=UserId(self.recipient) if self.recipient > 0 else None,
            state=self.state,
            notices=len(self.notices),
            tries=self.tries,
            created_at=self.created_at,
            next_at=self.next_at,
            error=self.error,
        )


_ANY_ID = 2**63 - 1
_UNSETTLED = "state IN ('waiting', 'sending')"

_LOCK_CHAT = text("SELECT pg_advisory_xact_lock(hashtextextended('telegram', :chat))")

_HEAD = text(f"""
    SELECT CAST(row_to_json(d) AS text) FROM notices.deliveries d
    WHERE chat = :chat AND {_UNSETTLED} ORDER BY id LIMIT 1
""")

_GET = text("SELECT CAST(row_to_json(d) AS text) FROM notices.deliveries d WHERE id = :id")
_CHAT_OF = text("SELECT chat FROM notices.deliveries WHERE id = :id")

_LEFT = text("""
    SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM notices.notices n
    WHERE n.id = ANY (CAST(:notices AS bigint[])) AND n.delivery = :id AND n.stage = 'queued'
""")

_SHOW = text(f"""
    SELECT CAST(coalesce(json_agg({NOTICE} ORDER BY n.id), '[]') AS text)
    FROM notices.notices n WHERE n.id = ANY (CAST(:notices AS bigint[]))
""")

_SAVE = text("""
    UPDATE notices.deliveries SET state = :state, tries = :tries, tries_left = :tries_left, next_at = :next_at,
        nudge_at = :next_at, notices = :notices, error = :error, message = coalesce(:message, message) WHERE id = :id
""")

_SETTLE = text("""
    WITH locked AS MATERIALIZED (
        SELECT id FROM notices.notices WHERE id = ANY (CAST(:notices AS bigint[])) AND delivery = :id
            AND stage = 'queued' ORDER BY id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'settled' FROM locked WHERE n.id = locked.id
""")

_REQUEUE = text("""
    WITH locked AS MATERIALIZED (
        SELECT id FROM notices.notices WHERE id = ANY (CAST(:notices AS bigint[])) AND delivery = :id
            AND stage = 'settled' AND outcome IS NULL AND read_at IS NULL ORDER BY id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'queued' FROM locked WHERE n.id = locked.id RETURNING n.id
""")

_GIVE_UP = text(f"""
    WITH given_up AS (
        UPDATE notices.deliveries SET state = 'failed', next_at = NULL, nudge_at = NULL, error = :error
        WHERE chat = :chat AND {_UNSETTLED} RETURNING id, recipient, thread),
    locked AS MATERIALIZED (
        SELECT n.id FROM notices.notices n WHERE n.stage = 'queued' AND n.delivery IN (SELECT id FROM given_up)
            AND (n.recipient, n.thread) IN (SELECT recipient, thread FROM given_up)
        ORDER BY n.id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'settled' FROM locked WHERE n.id = locked.id
""")

_TURN_BACK = text(f"""
    WITH astray AS (
        UPDATE notices.deliveries SET state = 'cancelled', next_at = NULL, nudge_at = NULL, error = :error
        WHERE chat = :chat AND recipient <> :owner AND {_UNSETTLED} RETURNING id, recipient, thread),
    locked AS MATERIALIZED (
        SELECT n.id FROM notices.notices n WHERE n.stage = 'queued' AND n.delivery IN (SELECT id FROM astray)
            AND (n.recipient, n.thread) IN (SELECT recipient, thread FROM astray)
        ORDER BY n.id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'held', next_at = :now, delivery = NULL FROM locked WHERE n.id = locked.id
""")

# What stands behind it and nobody has tried: all up to the first that somebody did, or that is for another topic.
_ABSORB = text(f"""
    WITH behind AS (
        SELECT id, notices, tries > 0 OR state <> 'waiting' OR recipient <> :recipient OR thread <> :thread AS ends
        FROM notices.deliveries WHERE chat = :chat AND id > :id AND {_UNSETTLED}),
    alike AS (
        SELECT id, notices FROM behind WHERE id < coalesce((SELECT min(id) FROM behind WHERE ends), {_ANY_ID})),
    locked AS MATERIALIZED (
        SELECT n.id FROM notices.notices n WHERE (SELECT count(*) FROM alike) >= :many
            AND n.recipient = :recipient AND n.thread = :thread AND n.stage = 'queued'
            AND n.delivery IN (SELECT id FROM alike) ORDER BY n.id FOR UPDATE),
    gone AS (
        DELETE FROM notices.deliveries WHERE (SELECT count(*) FROM alike) >= :many AND id IN (SELECT id FROM alike)),
    taken AS (
        UPDATE notices.notices n SET delivery = :id,
            attempts = jsonb_set(n.attempts, '{{-1,delivery}}', to_jsonb(CAST(:id AS bigint)))
        FROM locked WHERE n.id = locked.id RETURNING n.id)
    SELECT coalesce(array_agg(id ORDER BY id), '{{}}') FROM taken
""")

_FIND = text("""
    SELECT CAST(row_to_json(d) AS text) FROM notices.deliveries d
    WHERE chat = :chat AND message = :message ORDER BY id DESC LIMIT 1
""")

_PAGE = text(f"""
    SELECT CAST(coalesce(json_agg(page ORDER BY page.id DESC), '[]') AS text) FROM (
        SELECT * FROM notices.deliveries
        WHERE state = :state AND id < coalesce(CAST(:before AS bigint), {_ANY_ID})
        ORDER BY id DESC LIMIT :limit) page
""")

_FORGOTTEN = text("""
    UPDATE notices.deliveries d SET nudge_at = :again FROM (
        SELECT id FROM notices.deliveries WHERE nudge_at <= :now ORDER BY nudge_at LIMIT :limit
        FOR UPDATE SKIP LOCKED) late
    WHERE d.id = late.id RETURNING d.chat
""")

_NUDGE_ALL = text(f"""
    UPDATE notices.deliveries SET nudge_at = :now
    WHERE {_UNSETTLED} AND nudge_at IS NOT NULL AND next_at <= :now AND nudge_at > :now
""")

_row = msgspec.json.Decoder(Row)
_rows = msgspec.json.Decoder(list[Row])
_notices = msgspec.json.Decoder(list[Notice])


async def lock_chat(connection: AsyncConnection, chat: ChatId) -> None:
    """One claim, report or repair of a chat after another, until the transaction ends."""
    await connection.execute(_LOCK_CHAT, {"chat": chat})


async def head(connection: AsyncConnection, chat: ChatId) -> Row | None:
    """The oldest delivery of a chat that is not settled."""
    found = (await connection.execute(_HEAD, {"chat": chat})).scalar()
    return None if found is None else _row.decode(found)


async def get(connection: AsyncConnection, delivery: DeliveryId) -> Row | None:
    """That one, with its chat locked."""
    chat = (await connection.execute(_CHAT_OF, {"id": delivery})).scalar()
    if chat is None:
        return None
    await lock_chat(connection, chat)
    return _row.decode((await connection.execute(_GET, {"id": delivery})).scalar_one())


async def find(connection: AsyncConnection, chat: ChatId, message: MessageId) -> Row | None:
    """The one that this message brought."""
    found = (await connection.execute(_FIND, {"chat": chat, "message": message})).scalar()
    return None if found is None else _row.decode(found)


async def left(connection: AsyncConnection, row: Row) -> tuple[NoticeId, ...]:
    """Those of its notices that were neither read nor taken back."""
    found = await connection.execute(_LEFT, {"id": row.id, "notices": list(row.notices)})
    return tuple(found.scalar_one())


async def absorb(connection: AsyncConnection, row: Row, many: int) -> tuple[NoticeId, ...]:
    """The notices of those behind it become its own, when there are so many that nobody tried; gives these notices."""
    parameters = {name: getattr(row, name) for name in ("id", "chat", "recipient", "thread")} | {"many": many}
    return tuple((await connection.execute(_ABSORB, parameters)).scalar_one())


async def show(connection: AsyncConnection, row: Row) -> Delivery:
    """As the contract has it."""
    first = {"notices": list(row.notices[:SHOWN_AT_ONCE])}
    return row.told(_notices.decode((await connection.execute(_SHOW, first)).scalar_one()))


async def save(connection: AsyncConnection, row: Row) -> None:
    """What may change of it."""
    names = ("id", "state", "tries", "tries_left", "next_at", "error", "message")
    await connection.execute(_SAVE, {name: getattr(row, name) for name in names} | {"notices": list(row.notices)})


async def settle(connection: AsyncConnection, row: Row) -> None:
    """Nothing more becomes of its notices."""
    await connection.execute(_SETTLE, {"id": row.id, "notices": list(row.notices)})


async def requeue(connection: AsyncConnection, row: Row) -> tuple[NoticeId, ...]:
    """Those of its notices that are worth sending still wait for it again."""
    found = await connection.execute(_REQUEUE, {"id": row.id, "notices": list(row.notices)})
    return tuple(sorted(found.scalars()))


async def give_up(connection: AsyncConnection, chat: ChatId, error: str) -> None:
    """Whatever waits for a chat is not sent; it lies in the inbox."""
    await connection.execute(_GIVE_UP, {"chat": chat, "error": error})


async def turn_back(connection: AsyncConnection, chat: ChatId, owner: UserId | None, error: str, now: datetime) -> None:
    """What waits for a private chat but is not for `owner`, whose chat it is, is told anew where that person is."""
    await connection.execute(_TURN_BACK, {"chat": chat, "owner": owner or 0, "error": error, "now": now})


async def page(connection: AsyncConnection, state: State, before: DeliveryId | None, limit: int) -> list[Row]:
    """Those in a state, newest first."""
    parameters = {"state": state, "before": before, "limit": limit}
    return _rows.decode((await connection.execute(_PAGE, parameters)).scalar_one())


async def forgotten(connection: AsyncConnection, now: datetime, again: float, *, limit: int) -> Collection[ChatId]:
    """The chats of deliveries that nobody has asked for; they are not given again for so many seconds."""
    parameters = {"now": now, "again": now + timedelta(seconds=again), "limit": limit}
    return {ChatId(chat) for chat in (await connection.execute(_FORGOTTEN, parameters)).scalars()}


async def nudge_all(connection: AsyncConnection, now: datetime) -> None:
    """All that may be claimed is named at the next sweep."""
    await connection.execute(_NUDGE_ALL, {"now": now})
