"""Groups, topics, and who is in them, as the bot hears of it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import ChatMemberAdministrator, Update

from bot.client import create_bot
from infra.config import Settings
from tests.bot.simulated import TOKEN, People


@pytest.fixture
async def client(people: People) -> AsyncGenerator[Bot]:
    """The real client of the bot."""
    client = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    yield client
    await client.session.close()


async def heard(client: Bot) -> list[Update]:
    """Everything that waits, read by aiogram."""
    updates = await client.get_updates()
    if updates:
        await client.get_updates(offset=updates[-1].update_id + 1)
    return updates


async def test_the_bot_hears_that_it_was_added_put_in_charge_and_put_out(people: People, client: Bot) -> None:
    ann = await people.add()
    group = await people.group(ann, "Garden")
    await group.moves_bot("administrator")
    await group.moves_bot("kicked")

    moves = [update.my_chat_member for update in await heard(client) if update.my_chat_member]

    assert [(move.old_chat_member.status, move.new_chat_member.status) for move in moves] == [
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "kicked"),
    ]
    assert isinstance(moves[1].new_chat_member, ChatMemberAdministrator)
    assert (moves[0].chat.title, moves[0].chat.type, moves[0].from_user.id) == ("Garden", "group", ann.id)
    with pytest.raises(TelegramForbiddenError, match="kicked from the group"):
        await client.send_message(group.id, "hello?")


async def test_the_bot_knows_who_is_in_a_group_and_in_charge_of_it(people: People, client: Bot) -> None:
    ann, ben, eve = await people.add("Ann"), await people.add("Ben"), await people.add("Eve")
    group = await people.group(ann, bot="administrator")
    await group.moves(ben)

    assert [(await client.get_chat_member(group.id, who.id)).status for who in (ann, ben, eve)] == [
        "creator",
        "member",
        "left",
    ]
    assert [member.user.id for member in await client.get_chat_administrators(group.id)] == [ann.id, client.id]
    assert await client.get_chat_member_count(group.id) == 3
    assert (await client.get_chat(group.id)).title == "Team"
    assert (await client.get_chat_member(group.id, client.id)).status == "administrator"
    with pytest.raises(TelegramBadRequest, match="PARTICIPANT_ID_INVALID"):
        await client.get_chat_member(group.id, 5)


async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(people: People, client: Bot) -> None:
    ann = await people.add()
    group = await people.group(ann)
    asked = await people.bot_sends(group, "Well?")
    await heard(client)

    for text in ("hello all", "/help", "/help@team_task_manager_bot", "/help@other_bot", "ask @Team_Task_Manager_Bot"):
        await ann.writes(text, chat=group.id)
    await ann.writes("yes", chat=group.id, reply_to=asked["message_id"])
    messages = [update.message for update in await heard(client) if update.message]

    assert [message.text for message in messages] == [
        "/help",
        "/help@team_task_manager_bot",
        "ask @Team_Task_Manager_Bot",
        "yes",
    ]
    assert messages[-1].reply_to_message
    assert messages[-1].reply_to_message.text == "Well?"
    await group.moves_bot("administrator")
    await ann.writes("hello again", chat=group.id)
    assert [update.message.text for update in await heard(client) if update.message] == ["hello again"]


async def test_names_without_a_username_are_mentions_with_the_person_in_them(people: People, client: Bot) -> None:
    ann, ben = await people.add("Ann"), await people.add("Ben Ли")
    group = await people.group(ann)
    await group.moves(ben)
    await heard(client)

    await ann.writes("🎉 /new @Ben Ли and @somebody: https://example.org/a?b=1.", chat=group.id)
    (update,) = await heard(client)

    message = update.message
    assert message
    assert [(each.type, each.extract_from(message.text or "")) for each in message.entities or ()] == [
        ("bot_command", "/new"),
        ("text_mention", "@Ben Ли"),
        ("mention", "@somebody"),
        ("url", "https://example.org/a?b=1"),
    ]
    assert [each.user.id for each in message.entities or () if each.user] == [ben.id]


async def test_what_is_said_in_a_topic_stays_in_it(people: People, client: Bot) -> None:
    ann = await people.add()
    forum = await people.group(ann, forum=True)
    thread = await forum.adds_topic("Repairs")
    sent = await client.send_message(forum.id, "In here", message_thread_id=thread)
    general = await client.send_message(forum.id, "Out there")
    await ann.writes("/new", chat=forum.id, thread=thread)
    created, message = [update.message for update in await heard(client) if update.message][-2:]

    assert created
    assert message
    assert created.forum_topic_created
    assert created.forum_topic_created.name == "Repairs"
    assert (message.message_thread_id, message.is_topic_message, message.chat.is_forum) == (thread, True, True)
    # As Telegram has it: what answers nothing else answers the beginning of the topic.
    assert message.reply_to_message
    assert message.reply_to_message.forum_topic_created
    assert (sent.message_thread_id, sent.is_topic_message) == (thread, True)
    assert (general.message_thread_id, general.is_topic_message) == (None, None)


async def test_a_topic_that_is_gone_or_never_was_is_not_found(people: People, client: Bot) -> None:
    ann = await people.add()
    forum, group = await people.group(ann, forum=True), await people.group(ann)
    thread = await forum.adds_topic("Repairs")
    await people.ask("DELETE", f"groups/{forum.id}/topics/{thread}")

    for chat in (forum.id, group.id):
        with pytest.raises(TelegramBadRequest, match="message thread not found"):
            await client.send_message(chat, "hello", message_thread_id=thread)


async def test_replies_of_a_supergroup_are_a_thread_but_no_topic(people: People, client: Bot) -> None:
    ann = await people.add()
    group = await people.group(ann, supergroup=True)
    first = await client.send_message(group.id, "One")
    await ann.writes("two", chat=group.id, reply_to=first.message_id)
    (*_, update) = await heard(client)

    assert update.message
    assert (update.message.message_thread_id, update.message.is_topic_message) == (first.message_id, None)


async def test_a_group_that_becomes_a_supergroup_is_known_by_its_new_number(people: People, client: Bot) -> None:
    ann = await people.add()
    old = await people.group(ann)
    await heard(client)
    new = await old.upgrades()

    messages = [update.message for update in await heard(client) if update.message]
    assert [(message.chat.id, message.migrate_to_chat_id, message.migrate_from_chat_id) for message in messages] == [
        (old.id, new.id, None),
        (new.id, None, old.id),
    ]
    with pytest.raises(TelegramMigrateToChat) as moved:
        await client.send_message(old.id, "hello")
    assert moved.value.migrate_to_chat_id == new.id
    assert (await client.send_message(new.id, "hello")).chat.type == "supergroup"


async def test_the_bot_can_leave_a_group_and_hears_of_it(people: People, client: Bot) -> None:
    ann = await people.add()
    group = await people.group(ann)
    await heard(client)

    assert await client.leave_chat(group.id)

    updates = await heard(client)
    assert [update.my_chat_member.new_chat_member.status for update in updates if update.my_chat_member] == ["left"]
    with pytest.raises(TelegramForbiddenError, match="not a member of the group"):
        await client.send_message(group.id, "one more thing")


async def test_a_person_who_blocks_the_bot_is_not_written_to_until_they_unblock_it(people: People, client: Bot) -> None:
    ann = await people.add()
    await ann.writes("hello")
    await heard(client)
    await ann.blocks()

    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await client.send_message(ann.id, "hello?")
    await ann.unblocks()
    await ann.unblocks()

    assert (await client.send_message(ann.id, "hello!")).text == "hello!"
    moves = [update.my_chat_member for update in await heard(client) if update.my_chat_member]
    assert [(move.chat.id, move.new_chat_member.status) for move in moves] == [(ann.id, "kicked"), (ann.id, "member")]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("groups", {"by": 999, "title": "Team"}, 404),
        ("groups", {"by": 1001, "title": ""}, 400),
        ("groups/-5001/topics", {"by": 1001, "name": "x"}, 409),
        ("groups/-5001/topics", {"by": 1002, "name": "x"}, 403),
        ("groups/-5002/upgrade", {"by": 1001}, 404),
        ("groups/-1000000000001/upgrade", {"by": 1001}, 409),
        ("people/1002/messages", {"text": "hello", "chat": -5001}, 403),
    ],
)
async def test_what_cannot_be_is_explained(people: People, path: str, body: dict[str, Any], status: int) -> None:
    ann, _ = await people.add(), await people.add("Ben")
    await asyncio.gather(people.group(ann), people.group(ann, supergroup=True))

    async with people.http.post(f"/simulator/{path}", json=body) as answer:
        assert answer.status == status
        assert (await answer.json())["detail"]
