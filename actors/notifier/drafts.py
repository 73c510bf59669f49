"""From events to notices: what each says, once it is known who is in the team and who wants to hear of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from actors.notifier.concerns import concerned, for_groups
from actors.notifier.stages import NEW
from actors.sql.intake import Draft, Listener
from actors.sql.recipients import Recipient
from schemas.base import TeamEvent
from schemas.clock import Lead, TaskDueSoon
from schemas.comments import CommentEdited, CommentEvent
from schemas.ids import CommentId, TaskId, TeamId, UserId
from schemas.members import Standing
from schemas.notices import Kind
from schemas.tasks import TaskEvent

GRACE = timedelta(seconds=1)
"""What whoever wrote a notice has not routed by then, anybody does."""

_SHOWN_TEXT = 300

Pair = tuple[TeamId, UserId]


class Knowledge(msgspec.Struct):
    """What has to be known to write the notices of some events."""

    standings: Mapping[Pair, Standing] = msgspec.field(default_factory=dict[Pair, Standing])
    names: Mapping[UserId, str] = msgspec.field(default_factory=dict[UserId, str])
    groups: Iterable[Listener] = ()
    leads: Mapping[tuple[UserId, TaskId], Lead | None] = msgspec.field(
        default_factory=dict[tuple[UserId, TaskId], Lead | None]
    )
    """When people want to be reminded."""
    mentioned: set[tuple[CommentId, Recipient]] = msgspec.field(default_factory=set[tuple[CommentId, Recipient]])
    """Who was told that a comment names them."""


def drafts(events: Iterable[TeamEvent], known: Knowledge, now: datetime) -> Iterator[Draft]:
    """The notices of these events, in their order."""
    for event in events:
        for draft in (*_of_persons(event, known, now), *_of_groups(event, known, now)):
            if _is_news(event, draft, known):
                yield draft


def _is_news(event: TeamEvent, draft: Draft, known: Knowledge) -> bool:
    """A comment that is said in other words tells only those whom it did not name before."""
    if draft.kind is not Kind.MENTIONED or draft.comment is None:
        return True
    told = (draft.comment, Recipient(draft.recipient, draft.thread))
    is_known = told in known.mentioned
    known.mentioned.add(told)
    return not (is_known and isinstance(event, CommentEdited))


def _of_persons(event: TeamEvent, known: Knowledge, now: datetime) -> Iterator[Draft]:
    for user, kind in concerned(event).items():
        standing = known.standings.get((event.team, user))
        if standing is None or not standing.is_active:
            continue
        if isinstance(event, TaskDueSoon) and known.leads.get((user, event.task.id)) is not event.lead:
            continue
        yield _draft(event, kind, known, now, recipient=user, thread=0, team_name=standing.team_name)


def _of_groups(event: TeamEvent, known: Knowledge, now: datetime) -> Iterator[Draft]:
    concerns = for_groups(event)
    for group in known.groups:
        heard = next((one for one in concerns if one.kind in group.kinds), None)
        if group.team == event.team and heard is not None:
            name = known.names.get(heard.user)
            about = {"whom": heard.user, "whom_name": name, "team_name": group.team_name}
            yield _draft(event, heard.kind, known, now, recipient=group.chat, thread=group.thread, **about)


def _draft(event: TeamEvent, kind: Kind, known: Knowledge, now: datetime, **recipient: Any) -> Draft:
    task = event.task if isinstance(event, TaskEvent) else None
    comment = event.comment if isinstance(event, CommentEvent) else None
    told: dict[str, Any] = {"whom": None, "whom_name": None} | recipient
    return Draft(
        kind=kind,
        team=event.team,
        seq=event.seq,
        at=event.at,
        by=event.by,
        by_name=known.names.get(event.by) if event.by else None,
        task=task.id if task else None,
        title=task.title if task else None,
        comment=comment.id if comment else None,
        text=comment.text[:_SHOWN_TEXT] if comment else None,
        due_at=task.due_at if task else None,
        lead=event.lead if isinstance(event, TaskDueSoon) else None,
        stage=NEW,
        next_at=now + GRACE,
        **told,
    )
