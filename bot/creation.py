"""From a draft to a task: in which team, with which words for people and labels."""

from collections.abc import Sequence

from aiogram.enums import ChatType
from aiogram.types import Message, MessageOriginChannel, MessageOriginChat, MessageOriginHiddenUser, MessageOriginUser
from msgspec.structs import replace

from bot.lines import Draft, in_limits, read_line
from bot.texts import Texts, plain
from infra.bus import Bus
from schemas.accounts import User
from schemas.history import GetBoard
from schemas.ids import LabelId, TeamId, UserId
from schemas.lists import ListLists, TaskList
from schemas.members import ListMembers, Member, MemberRole
from schemas.tasks import LABELS_AT_MOST, CreateTask, TaskView
from schemas.teams import GetTeam, ListTeams, MyTeam


class NotPossible(Exception):
    """A draft cannot become a task; the text is for whoever wrote it."""


async def draft_of(message: Message, person: User, texts: Texts) -> Draft | None:
    """What somebody wrote after /new or just so, or what they forwarded; None without a title."""
    text = (message.text or message.caption or "").strip()
    if message.forward_origin:
        draft = _forwarded(text, message, texts)
    else:
        if text.startswith("/"):
            text = text.partition(" ")[2] if " " in text.partition("\n")[0] else text.partition("\n")[2]
        draft = await read_line(text, person.time_zone, message.date)
    if draft is not None and draft.assignee is None and message.chat.type == ChatType.PRIVATE:
        # What somebody notes here for themselves shall be among their tasks.
        return replace(draft, assignee="")
    return draft


def _forwarded(text: str, message: Message, texts: Texts) -> Draft | None:
    """Others' words are no marks of ours: all of it is title and description, with where it came from."""
    first, _, rest = text.partition("\n")
    if not first.strip():
        return None
    source = plain(texts.say("forwarded-from", name=_source(message) or "—"))
    return in_limits(first, f"{rest.strip()}\n\n{source}".strip())


def _source(message: Message) -> str | None:
    match message.forward_origin:
        case MessageOriginUser(sender_user=user):
            return f"{user.full_name} (@{user.username})" if user.username else user.full_name
        case MessageOriginHiddenUser(sender_user_name=name):
            return name
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return chat.title or chat.full_name
        case _:
            return None


async def teams_to_write_in(bus: Bus, person: User) -> list[MyTeam]:
    """Those of the person's in which they are more than a viewer."""
    page = await bus.request(ListTeams(by=person.id))
    return [team for team in page.teams if team.role is not MemberRole.VIEWER]


async def create(bus: Bus, person: User, team: TeamId, draft: Draft, texts: Texts, key: str) -> TaskView:
    """In the first list of the team. Raises BusError, and NotPossible where a name or the board does not fit."""
    command = CreateTask(
        by=person.id,
        list=(await _first_list(bus, person, team, texts)).id,
        title=draft.title,
        description=draft.description,
        assignee=await _assignee(bus, person, team, draft, texts),
        priority=draft.priority,
        labels=await _labels(bus, person, team, draft, texts),
        due_at=draft.due,
        key=key,
    )
    return await bus.request(command)


async def _first_list(bus: Bus, person: User, team: TeamId, texts: Texts) -> TaskList:
    page = await bus.request(ListLists(by=person.id, team=team))
    if not page.lists:
        # Those of strangers' teams are left out as well.
        await bus.request(GetTeam(by=person.id, team=team))
        raise NotPossible(texts.say("new-no-list"))
    return min(page.lists, key=lambda one: (one.rank, one.id))


async def _assignee(bus: Bus, person: User, team: TeamId, draft: Draft, texts: Texts) -> UserId | None:
    if not draft.assignee:
        return None if draft.assignee is None else person.id
    members = [one for one in await bus.request(ListMembers(by=person.id, team=team)) if one.is_active]
    member = find_member(members, draft.assignee, person)
    if member is None:
        raise NotPossible(no_such_member(texts, draft.assignee, members))
    return member.user


def find_member(members: Sequence[Member], name: str, person: User) -> Member | None:
    """By username or, where only one has it, by name; the asker where there is no name."""
    if not name:
        return next((one for one in members if one.user == person.id), None)
    wanted = name.casefold()
    if exact := [one for one in members if one.username.casefold() == wanted]:
        return exact[0]
    named = [one for one in members if wanted in (one.name.casefold(), one.name.casefold().split()[0])]
    return named[0] if len(named) == 1 else None


def no_such_member(texts: Texts, name: str, members: Sequence[Member]) -> str:
    """Who there is instead."""
    return texts.say("no-such-member", name=name, known=", ".join(f"@{one.username}" for one in members))


async def _labels(bus: Bus, person: User, team: TeamId, draft: Draft, texts: Texts) -> tuple[LabelId, ...]:
    """By name, in any case, with `_` for a space."""
    if not draft.labels:
        return ()
    board = await bus.request(GetBoard(by=person.id, team=team))
    known = {one.name.casefold().replace(" ", "_"): one.id for one in board.labels if one.deleted_at is None}
    if unknown := [name for name in draft.labels if name.casefold() not in known]:
        names = ", ".join(f"#{name}" for name in known) or "—"
        raise NotPossible(texts.say("no-such-label", name=f"#{unknown[0]}", known=names))
    return tuple(sorted({known[name.casefold()] for name in draft.labels}))[:LABELS_AT_MOST]
