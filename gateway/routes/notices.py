"""The inbox: what somebody should know of."""

from typing import Annotated

import msgspec

from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record, UtcTime
from schemas.boards import Limit
from schemas.ids import NoticeId, TaskId
from schemas.notices import AT_ONCE, ListNotices, Notice, NoticePage, ReadNotices, SnoozeNotice, Unread


class NoticeQuery(Record, forbid_unknown_fields=True):
    unread: bool = False
    """Only those that are not read yet."""
    limit: Limit = 50
    before: NoticeId | None = None
    """Gets the next page."""


class NoticesSeen(Record, forbid_unknown_fields=True):
    """Some notices, or all about a task, or all."""

    notices: Annotated[tuple[NoticeId, ...], msgspec.Meta(max_length=AT_ONCE)] = ()
    task: TaskId | None = None
    all: bool = False


class Later(Record, forbid_unknown_fields=True):
    until: UtcTime


@route("GET", "/api/notices/")
async def list_notices(ask: Ask, caller: Caller, query: NoticeQuery) -> NoticePage:
    """Your inbox, newest first; each notice says where else it was told, and why there."""
    return await ask(ListNotices(by=caller.id, unread=query.unread, limit=query.limit, before=query.before))


@route("POST", "/api/notices/read/", example=NoticesSeen(all=True))
async def read_notices(ask: Ask, caller: Caller, body: NoticesSeen) -> Unread:
    """You have read some notices, or all about a task, or all; they are not sent anywhere any more."""
    return await ask(ReadNotices(by=caller.id, notices=body.notices, task=body.task, all=body.all))


@route("POST", "/api/notices/{notice}/snooze/", example=Later(until=msgspec.convert("2030-04-01T12:00:00Z", UtcTime)))
async def snooze_notice(ask: Ask, caller: Caller, notice: NoticeId, body: Later) -> Notice:
    """Be told once more, at a later moment within a year."""
    return await ask(SnoozeNotice(by=caller.id, notice=notice, until=body.until))
