"""Groups that hear of a team, and what people may ask there."""

import pytest

from bot.callbacks import Bind, Toggle
from bot.commands import COMMANDS, GROUP_COMMANDS
from bot.texts import LANGUAGES
from schemas.deliveries import Group as Bound
from schemas.deliveries import ListGroups
from schemas.members import MemberRole
from schemas.notices import Kind
from schemas.search import GetTask
from schemas.tasks import CompleteTask
from tests.bot.simulated import Group
from tests.bot.town import Board, Message, Resident, Town, buttons, plain


async def bound(town: Town, language: str = "en", **kind: bool) -> tuple[Resident, Resident, Board, Group, Message]:
    """Ann's group, bound to her board; Bob is in both."""
    ann, bob = await town.resident("Ann", language), await town.resident("Bob", language)
    board = await town.board(ann, "Red")
    await town.join(ann, board.team.id, bob)
    group = await town.group(ann, "The crew", **kind)
    await group.moves(bob.chat)
    question = await ann.chat.asks("/bind", chat=group.id)
    assert question["text"] == plain("bind-which-team", language)
    _, shown = await town.press(ann, question, "Red", group.id)
    return ann, bob, board, group, shown


async def groups_of(town: Town, who: Resident, board: Board) -> list[Bound]:
    return await town.bus.request(ListGroups(by=who.id, team=board.team.id))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_group_is_bound_by_an_admin_and_hears_of_the_team(town: Town, language: str) -> None:
    ann, bob, board, group, shown = await bound(town, language)
    assert shown["text"] == plain("bound", language, team="Red")

    task = await town.task(ann, board, "Buy paper", assignee=bob.id)
    message = await town.said_in(group, bob, f"#{task.id}")

    (is_bound,) = await groups_of(town, ann, board)
    assert (is_bound.chat, is_bound.thread, is_bound.title) == (group.id, None, "The crew")
    # In a group nobody snoozes for all.
    assert list(buttons(message)) == [plain(f"button-{name}", language) for name in ("done", "give", "open")]


async def test_in_a_group_it_is_told_who_pressed_and_the_store_judges_them(town: Town) -> None:
    ann, bob, board, group, _ = await bound(town)
    eve = await town.resident("Eve")
    await group.moves(eve.chat)
    task = await town.task(ann, board, "Buy paper", assignee=bob.id)
    message = await town.said_in(group, bob, f"#{task.id}")

    refused, _ = await town.press(eve, message, plain("button-done"), group.id)
    assert refused.startswith("I cannot find that")
    _, shown = await town.press(ann, message, plain("button-done"), group.id)

    assert shown["text"].endswith("— \u2068Ann\u2069")
    assert (await town.bus.request(GetTask(by=ann.id, task=task.id))).is_done
    _, undone = await town.press(ann, shown, plain("button-undo"), group.id)
    assert list(buttons(undone)) == list(buttons(message))


async def test_a_reply_in_a_group_becomes_a_comment(town: Town) -> None:
    ann, bob, board, group, _ = await bound(town)
    task = await town.task(ann, board, "Buy paper", assignee=bob.id)
    message = await town.said_in(group, bob, f"#{task.id}")

    answer = await bob.chat.asks("Which size?", chat=group.id, reply_to=message["message_id"])

    assert answer["text"] == f"{plain('commented')} #{task.id}"
    assert (await town.bus.request(GetTask(by=ann.id, task=task.id))).comments == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_kinds_are_chosen_by_buttons(town: Town, language: str) -> None:
    ann, _, board, group, _ = await bound(town, language)
    shown = await ann.chat.asks("/kinds", chat=group.id)
    assert f"✓ {plain('kind-assigned', language)}" in buttons(shown)

    _, shown = await town.press(ann, shown, Toggle(kind=Kind.ASSIGNED), group.id)
    _, shown = await town.press(ann, shown, Toggle(kind=Kind.COMMENTED), group.id)

    assert f"— {plain('kind-assigned', language)}" in buttons(shown)
    (group_now,) = await groups_of(town, ann, board)
    assert group_now.kinds == (Kind.COMMENTED, Kind.COMPLETED, Kind.OVERDUE)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_group_is_unbound(town: Town, language: str) -> None:
    ann, _, board, group, _ = await bound(town, language)

    assert (await ann.chat.asks("/unbind", chat=group.id))["text"] == plain("unbound", language, team="Red")
    assert await groups_of(town, ann, board) == []
    assert (await ann.chat.asks("/unbind", chat=group.id))["text"] == plain("not-bound", language)
    assert (await ann.chat.asks("/kinds", chat=group.id))["text"] == plain("not-bound", language)


async def test_members_may_neither_bind_nor_change_nor_unbind(town: Town) -> None:
    ann, bob, board, group, shown = await bound(town)

    assert (await bob.chat.asks("/bind", chat=group.id))["text"] == plain("bind-no-team")
    assert (await bob.chat.asks("/unbind", chat=group.id))["text"].startswith("You may not do that")
    for button in (Toggle(kind=Kind.ASSIGNED), Bind(team=board.team.id)):
        said, _ = await town.press(bob, shown, button, group.id, stale=True)
        assert said.startswith("You may not do that")
    assert len(await groups_of(town, ann, board)) == 1


async def test_a_topic_hears_of_a_team_of_its_own(town: Town) -> None:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann, "Red")
    await town.join(ann, board.team.id, bob, role=MemberRole.MEMBER)
    forum = await town.group(ann, "Forum", forum=True)
    await forum.moves(bob.chat)
    topic = await forum.adds_topic("Paper")
    question = await ann.chat.asks("/bind", chat=forum.id, thread=topic)
    await town.press(ann, question, "Red", forum.id)

    task = await town.task(ann, board, "Buy paper", assignee=bob.id)
    message = await town.said_in(forum, bob, f"#{task.id}")

    (is_bound,) = await groups_of(town, ann, board)
    assert is_bound.thread == message["message_thread_id"] == topic
    await ann.chat.asks("/unbind", chat=forum.id, thread=topic)
    assert await groups_of(town, ann, board) == []


async def test_a_group_that_became_another_one_still_hears_of_its_team(town: Town) -> None:
    ann, bob, board, group, _ = await bound(town)
    grown = await group.upgrades()

    task = await town.task(ann, board, "Buy paper", assignee=bob.id)
    await town.said_in(grown, bob, f"#{task.id}")

    assert [one.chat for one in await groups_of(town, ann, board)] == [grown.id]


async def test_new_tasks_of_a_bound_group_are_its_teams(town: Town) -> None:
    ann, _, board, group, _ = await bound(town)
    await town.board(ann, "Blue")

    answer = await ann.chat.asks("/new@team_task_manager_bot Buy paper", chat=group.id)

    number = int(answer["text"].split("#")[1].split()[0])
    assert (await town.bus.request(GetTask(by=ann.id, task=number))).team == board.team.id


async def test_only_whoever_wrote_it_answers_the_question(town: Town) -> None:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann, "Red")
    await town.board(ann, "Blue")
    await town.join(ann, board.team.id, bob)
    group = await town.group(ann)
    await group.moves(bob.chat)
    question = await ann.chat.asks("/new Buy paper", chat=group.id)

    said, _ = await town.press(bob, question, "Red", group.id)

    assert said == plain("not-yours")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in (*GROUP_COMMANDS, "start")])
async def test_what_is_nobody_elses_business_is_not_said_in_a_group(town: Town, name: str) -> None:
    ann = await town.resident("Ann")
    group = await town.group(ann)

    assert (await ann.chat.asks(f"/{name}", chat=group.id))["text"] == plain("private-only")


async def test_commands_for_groups_say_so_elsewhere(town: Town) -> None:
    ann = await town.resident("Ann")

    for name in ("bind", "unbind", "kinds"):
        assert (await ann.chat.asks(f"/{name}"))["text"] == plain("group-only")


async def test_people_talk_in_peace_and_to_other_bots(town: Town) -> None:
    """The last one is answered, so the ones before it were not."""
    ann = await town.resident("Ann")
    group = await town.group(ann)

    for text in ("good morning", "/launch", "/done@another_bot 42", "/help@another_bot"):
        await ann.chat.writes(text, chat=group.id)
    answer = await ann.chat.asks("/done@team_task_manager_bot", chat=group.id)

    assert answer["text"] == plain("done-how")
    said = [
        one["text"] for one in await ann.chat.sees("messages", group.id) if one["from"]["is_bot"] and one.get("text")
    ]
    assert said[-1] == plain("done-how")
    assert plain("help-heading") not in "".join(said)


async def test_a_group_that_puts_the_bot_out_is_told_nothing_and_stops_nobody(town: Town) -> None:
    ann, bob, board, group, _ = await bound(town)
    await group.moves_bot("kicked")

    task = await town.task(ann, board, "Buy paper", assignee=bob.id)
    await town.bus.request(CompleteTask(by=ann.id, task=task.id))
    other = await town.task(ann, board, "Buy ink", assignee=bob.id)

    await town.said(bob.chat, f"#{other.id}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_groups_have_a_menu_of_their_own(town: Town, language: str) -> None:
    ann = await town.resident("Ann", language)
    group = await town.group(ann)

    menu = await ann.chat.sees("commands", group.id)

    assert [item["command"] for item in menu] == list(GROUP_COMMANDS)
    assert [item["description"] for item in menu] == [plain(f"command-{name}", language) for name in GROUP_COMMANDS]
