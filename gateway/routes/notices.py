"""The inbox: what somebody should know of."""

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec.structs import replace

from gateway.api import Ask, route
from gateway.auth import Caller
from infra.language import choose, translated
from schemas.accounts import Language
from schemas.base import Record, UtcTime
from schemas.boards import Limit
from schemas.ids import NoticeId, TaskId
from schemas.notices import AT_ONCE, Attempt, ListNotices, Notice, NoticePage, ReadNotices, SnoozeNotice, Unread

_APART = "; "
"""Stands between the parts of a reason."""


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
async def list_notices(ask: Ask, caller: Caller, request: web.Request, query: NoticeQuery) -> NoticePage:
    """Your inbox, newest first; each notice says where else it was told, and why there."""
    page = await ask(ListNotices(by=caller.id, unread=query.unread, limit=query.limit, before=query.before))
    language = _language(request)
    return replace(page, notices=[_explained(notice, language) for notice in page.notices])


@route("POST", "/api/notices/read/", also=(404,), example=NoticesSeen(all=True))
async def read_notices(ask: Ask, caller: Caller, body: NoticesSeen) -> Unread:
    """You have read some notices, or all about a task, or all; they are not sent anywhere any more."""
    return await ask(ReadNotices(by=caller.id, notices=body.notices, task=body.task, all=body.all))


@route("POST", "/api/notices/{notice}/snooze/", example=Later(until=msgspec.convert("2030-04-01T12:00:00Z", UtcTime)))
async def snooze_notice(ask: Ask, caller: Caller, request: web.Request, notice: NoticeId, body: Later) -> Notice:
    """Be told once more, at a later moment within a year."""
    snoozed = await ask(SnoozeNotice(by=caller.id, notice=notice, until=body.until))
    return _explained(snoozed, _language(request))


def _language(request: web.Request) -> Language:
    return choose(request.headers.get("Accept-Language", ""))


def _explained(notice: Notice, language: Language) -> Notice:
    """The same, with reasons that the reader understands; what Telegram said stays as it is."""
    if language is Language.EN:
        return notice
    return replace(notice, attempts=tuple(_said(attempt, language) for attempt in notice.attempts))


def _said(attempt: Attempt, language: Language) -> Attempt:
    reason = _APART.join(translated(part, language) for part in attempt.reason.split(_APART))
    return replace(attempt, reason=reason, error=attempt.error and translated(attempt.error, language))
