from itertools import count
from typing import Any

import pytest

from schemas.accounts import GetUser, Language
from schemas.base import Command
from schemas.comments import AddComment
from schemas.deliveries import (
    GROUP_KINDS,
    BindGroup,
    ChangeGroup,
    ClaimDelivery,
    Delivery,
    GetGroup,
    Group,
    ListGroups,
    MoveGroup,
    Outcome,
    UnbindGroup,
)
from schemas.errors import BusError, ErrorCode
from schemas.ids import ChatId, ThreadId
from schemas.members import MemberRole, RemoveMember
from schemas.notices import Kind
from schemas.tasks import CompleteTask
from schemas.teams import DeleteTeam, RenameTeam
from tests.actors.notices.world import PATIENT, Crew, World
from tests.waiting import wait_for

_chats = count(1)


def new_chat() -> ChatId:
    return ChatId(-100_000 - next(_chats))


async def bound(world: World, crew: Crew, *kinds: Kind, chat: ChatId | None = None, **more: Any) -> Group:
    more = {"by": crew.ann, "chat": chat or new_chat(), "title": "The group", "team": crew.team} | more
    return await world.bot.request(BindGroup(kinds=kinds or GROUP_KINDS, **more))


async def next_of(world: World, chat: ChatId) -> Delivery:
    async def claimed() -> Delivery | None:
        return (await world.bot.request(ClaimDelivery(chat=chat))).delivery

    delivery = await wait_for(claimed)
    assert delivery
    return delivery


async def sent(world: World, chat: ChatId) -> Delivery:
    delivery = await next_of(world, chat)
    await world.report(delivery)
    return delivery


async def refused(world: World, command: Command[Any]) -> tuple[ErrorCode, str | None]:
    with pytest.raises(BusError) as refusal:
        await world.bot.request(command)
    return refusal.value.code, refusal.value.field


async def test_a_group_hears_what_anybody_does_in_the_team(world: World, crew: Crew) -> None:
    async with world.notifier():
        await world.speaks(crew.ann, Language.RU, "Europe/Moscow")
        group = await bound(world, crew, thread=ThreadId(5))
        task = await crew.task("Mine", by=crew.bob, assignee=crew.bob)
        told = await sent(world, group.chat)
        await world.gateway.request(CompleteTask(by=crew.bob, task=task.id))
        then = await sent(world, group.chat)

    (notice,) = told.notices
    assert (notice.kind, notice.title, notice.by_name, notice.user_name) == (Kind.ASSIGNED, "Mine", "Bob", "Bob")
    assert (told.user, told.thread, told.language, told.time_zone) == (None, 5, Language.RU, "Europe/Moscow")
    assert [notice.kind for notice in then.notices] == [Kind.COMPLETED]


async def test_a_group_hears_only_of_its_kinds_and_of_each_event_once(world: World, crew: Crew) -> None:
    async with world.notifier():
        group = await bound(world, crew, Kind.COMMENTED, Kind.ADDED)
        task = await crew.assign("Buy paper")
        text = "You see, @nobody?"
        await world.gateway.request(AddComment(by=crew.bob, task=task.id, text=text))
        told = await sent(world, group.chat)
        await crew.take_in(await world.user("Cid"))
        then = await sent(world, group.chat)

    assert [(notice.kind, notice.text) for notice in told.notices] == [(Kind.COMMENTED, text)]
    assert [(notice.kind, notice.user_name) for notice in then.notices] == [(Kind.ADDED, "Cid")]


async def test_what_a_group_is_told_lies_in_nobodys_inbox(world: World, crew: Crew) -> None:
    async with world.notifier():
        group = await bound(world, crew)
        await crew.task("Mine", assignee=crew.ann)
        await sent(world, group.chat)

        assert await world.inbox(crew.ann) == []


async def test_binding_takes_an_admin_of_the_team(world: World, crew: Crew) -> None:
    stranger, chat = await world.user("Olga"), new_chat()
    async with world.notifier():

        def bind(**more: Any) -> BindGroup:
            return BindGroup(**{"by": crew.ann, "chat": chat, "title": "The group", "team": crew.team} | more)

        assert await refused(world, bind(by=stranger.id)) == (ErrorCode.NOT_FOUND, None)
        assert await refused(world, bind(by=crew.bob)) == (ErrorCode.FORBIDDEN, None)
        assert await refused(world, bind(chat=ChatId(5))) == (ErrorCode.INVALID, "chat")
        assert await world.bot.request(GetGroup(chat=chat)) is None

        group = await world.bot.request(bind())
        assert (group.team_name, group.kinds, group.bound_by) == ("Crew", GROUP_KINDS, crew.ann)
        for command in (UnbindGroup, ChangeGroup):
            assert await refused(world, command(by=crew.bob, chat=chat)) == (ErrorCode.FORBIDDEN, None)
            assert await refused(world, command(by=stranger.id, chat=chat)) == (ErrorCode.NOT_FOUND, None)
            assert await refused(world, command(by=crew.ann, chat=new_chat())) == (ErrorCode.NOT_FOUND, None)
        assert await refused(world, ListGroups(by=stranger.id, team=crew.team)) == (ErrorCode.NOT_FOUND, None)
        assert await world.gateway.request(ListGroups(by=crew.bob, team=crew.team)) == [group]


async def test_an_admin_who_has_left_changes_nothing_any_more(world: World, crew: Crew) -> None:
    cid = await world.user("Cid")
    await crew.take_in(cid, MemberRole.ADMIN)
    async with world.notifier():
        chat = new_chat()
        bind = BindGroup(by=cid.id, chat=chat, title="The group", team=crew.team)
        await world.bot.request(bind)
        await world.gateway.request(RemoveMember(by=crew.ann, team=crew.team, user=cid.id))

        assert await refused(world, UnbindGroup(by=cid.id, chat=chat)) == (ErrorCode.NOT_FOUND, None)


async def test_a_group_hears_of_one_team_at_a_time(world: World, crew: Crew) -> None:
    other = await Crew.gather(world)
    async with world.notifier(PATIENT):
        group = await bound(world, crew)
        await crew.task("First", assignee=crew.ann)
        await wait_for(lambda: waits(world, group.chat))
        await other.take_in(await world.gateway.request(GetUser(user=crew.ann)), MemberRole.ADMIN)
        await world.know(other.team)
        await bound(world, other, chat=group.chat, by=crew.ann)
        await crew.task("Of the old team", assignee=crew.ann)
        await other.task("Of the new team", assignee=other.ann)

        assert [notice.title for notice in (await sent(world, group.chat)).notices] == ["Of the new team"]
        assert await world.bot.request(ListGroups(by=crew.ann, team=crew.team)) == []


async def waits(world: World, chat: ChatId) -> bool:
    return await world.count("notices.deliveries", "chat = :of AND state = 'waiting'", chat) > 0


async def test_what_was_to_be_told_to_a_group_that_is_unbound_is_not(world: World, crew: Crew) -> None:
    async with world.notifier():
        group = await bound(world, crew)
        await crew.task("Mine", assignee=crew.ann)
        await wait_for(lambda: waits(world, group.chat))
        await world.bot.request(UnbindGroup(by=crew.ann, chat=group.chat))

        assert (await world.bot.request(ClaimDelivery(chat=group.chat))).delivery is None


async def test_kinds_can_be_chosen_later(world: World, crew: Crew) -> None:
    async with world.notifier():
        group = await bound(world, crew)
        changed = await world.bot.request(ChangeGroup(by=crew.ann, chat=group.chat, kinds=(Kind.OVERDUE,)))
        assert changed.kinds == (Kind.OVERDUE,)
        same = await world.bot.request(ChangeGroup(by=crew.ann, chat=group.chat))

        assert same == changed == await world.bot.request(GetGroup(chat=group.chat))


async def test_a_group_that_telegram_calls_otherwise_goes_on_where_it_was(world: World, crew: Crew) -> None:
    async with world.notifier():
        group, to = await bound(world, crew), new_chat()
        await crew.task("First", assignee=crew.ann)
        await wait_for(lambda: waits(world, group.chat))
        await world.bot.request(MoveGroup(chat=group.chat, to=to))
        assert (await world.bot.request(ClaimDelivery(chat=group.chat))).delivery is None
        await crew.task("Second", assignee=crew.ann)

        titles = [[notice.title for notice in (await sent(world, to)).notices] for _ in range(2)]
        assert titles == [["First"], ["Second"]]
        assert await world.bot.request(GetGroup(chat=group.chat)) is None


async def test_a_group_that_does_not_let_the_bot_write_is_told_nothing_until_it_is_bound_again(
    world: World, crew: Crew
) -> None:
    async with world.notifier():
        group = await bound(world, crew)
        await crew.task("First", assignee=crew.ann)
        await world.report(await next_of(world, group.chat), Outcome.UNREACHABLE, error="kicked")
        await crew.task("Second", assignee=crew.ann)
        await crew.assign("For Bob")
        await world.sent(crew.bob)
        await bound(world, crew, chat=group.chat)
        await crew.task("Third", assignee=crew.ann)

        assert [notice.title for notice in (await sent(world, group.chat)).notices] == ["Third"]


async def test_a_topic_that_is_gone_is_told_nothing_more_and_the_others_of_its_group_are(
    world: World, crew: Crew
) -> None:
    async with world.notifier():
        gone = await bound(world, crew, thread=ThreadId(5))
        await bound(world, crew, chat=gone.chat, thread=ThreadId(6))
        await crew.task("First", assignee=crew.ann)
        for _ in range(2):
            delivery = await next_of(world, gone.chat)
            is_gone = delivery.thread == gone.thread
            await world.report(delivery, Outcome.TOPIC_GONE if is_gone else Outcome.SENT)
        for title in ("Second", "Third"):
            await crew.task(title, assignee=crew.ann)

            told = await sent(world, gone.chat)

            assert (told.thread, [notice.title for notice in told.notices]) == (6, [title])


async def test_a_team_has_so_many_groups_and_no_more(world: World, crew: Crew) -> None:
    async with world.notifier():
        group = await bound(world, crew)
        for thread in range(1, 50):
            await bound(world, crew, chat=group.chat, thread=ThreadId(thread))

        with pytest.raises(BusError, match="at most 50 groups"):
            await bound(world, crew)
        await bound(world, crew, chat=group.chat)


async def test_a_team_with_another_name_is_called_so_in_its_groups(world: World, crew: Crew) -> None:
    async with world.notifier():
        group = await bound(world, crew)
        await world.gateway.request(RenameTeam(by=crew.ann, team=crew.team, name="Pirates"))

        async def is_renamed() -> bool:
            now = await world.bot.request(GetGroup(chat=group.chat))
            return now is not None and now.team_name == "Pirates"

        await wait_for(is_renamed)


async def test_a_group_is_told_nothing_more_when_whoever_bound_it_leaves_the_team(world: World, crew: Crew) -> None:
    cid = await world.user("Cid")
    await crew.take_in(cid, MemberRole.ADMIN)
    async with world.notifier():
        theirs = await world.bot.request(BindGroup(by=cid.id, chat=new_chat(), title="Cid's", team=crew.team))
        ours = await bound(world, crew)
        await crew.assign("Before")
        await world.gateway.request(RemoveMember(by=crew.ann, team=crew.team, user=cid.id))
        await crew.assign("After")
        first = await sent(world, ours.chat)
        told = [notice.title for notice in first.notices]
        while "After" not in told:
            told += [notice.title for notice in (await sent(world, ours.chat)).notices]

        assert (await world.bot.request(ClaimDelivery(chat=theirs.chat))).delivery is None
        groups = await world.gateway.request(ListGroups(by=crew.ann, team=crew.team))
        assert [group.chat for group in groups] == [ours.chat]


async def test_a_group_may_have_been_bound_by_both_of_its_names(world: World, crew: Crew) -> None:
    async with world.notifier():
        old, new = await bound(world, crew), await bound(world, crew)
        await crew.assign("Buy paper")
        astray = await next_of(world, old.chat)
        await sent(world, new.chat)
        await world.bot.request(MoveGroup(chat=old.chat, to=new.chat))
        await world.report(astray, Outcome.RETRY, retry_after=0.1)
        await crew.assign("Buy pens")

        assert [notice.title for notice in (await sent(world, new.chat)).notices] == ["Buy pens"]
        assert await world.bot.request(GetGroup(chat=old.chat)) is None


async def test_whoever_is_in_a_group_cannot_make_it_hear_of_a_team_of_their_own_instead(
    world: World, crew: Crew
) -> None:
    other = await Crew.gather(world)
    async with world.notifier():
        group = await bound(world, crew)
        take_over = BindGroup(by=other.ann, chat=group.chat, title="The group", team=other.team)

        assert await refused(world, take_over) == (ErrorCode.CONFLICT, None)
        assert await world.bot.request(GetGroup(chat=group.chat)) == group
        await world.gateway.request(DeleteTeam(by=crew.ann, team=crew.team))
        assert (await world.bot.request(take_over)).team == other.team
