"""What is said, answered, forwarded, changed and deleted, read by the real client."""

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    ReplyParameters,
)

from bot.client import create_bot
from infra.config import Settings
from tests.bot.simulated import TOKEN, People, Someone


def datum(markup: InlineKeyboardMarkup | None) -> str | None:
    """What its only button carries."""
    return markup and markup.inline_keyboard[0][0].callback_data


@pytest.fixture
async def client(people: People) -> AsyncGenerator[Bot]:
    """The real client of the bot."""
    client = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    yield client
    await client.session.close()


@pytest.fixture
async def ann(people: People) -> Someone:
    ann = await people.add("Ann", username="ann_smith")
    await ann.writes("hello")
    await people.updates()
    return ann


def buttons(**button: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", **button)]])


async def test_a_message_has_all_that_the_bot_gave_it(people: People, client: Bot, ann: Someone) -> None:
    first = (await ann.sees("messages"))[0]
    sent = await client.send_message(
        ann.id,
        '<b>For</b> <a href="tg://user?id=1001">Ann</a>, not for <a href="tg://user?id=5">nobody</a>',
        reply_markup=buttons(callback_data="go"),
        reply_parameters=ReplyParameters(message_id=first["message_id"]),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        disable_notification=True,
    )

    assert [(each.type, each.user and each.user.username) for each in sent.entities or ()] == [
        ("bold", None),
        ("text_mention", "ann_smith"),
    ]
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "hello"
    assert datum(sent.reply_markup) == "go"
    assert sent.link_preview_options
    assert sent.link_preview_options.is_disabled
    assert (await people.calls_of("sendMessage"))[-1]["silent"] is True


async def test_a_persons_reply_carries_the_bots_message_with_its_buttons(client: Bot, ann: Someone) -> None:
    sent = await client.send_message(ann.id, "Well?", reply_markup=buttons(callback_data="go"))
    await ann.writes("yes", reply_to=sent.message_id)

    (update,) = await client.get_updates()
    assert update.message
    answered = update.message.reply_to_message
    assert answered
    assert (answered.message_id, answered.text, datum(answered.reply_markup)) == (sent.message_id, "Well?", "go")


async def test_forwarded_messages_say_where_they_come_from(client: Bot, ann: Someone) -> None:
    for origin in (
        {"type": "user", "person": ann.id},
        {"type": "hidden_user", "name": "Boris"},
        {"type": "chat", "name": "The others"},
        {"type": "channel", "name": "News"},
    ):
        await ann.forwards("Look at this", **origin)

    user, hidden, chat, channel = [
        update.message.forward_origin for update in await client.get_updates() if update.message
    ]
    assert isinstance(user, MessageOriginUser)
    assert user.sender_user.id == ann.id
    assert isinstance(hidden, MessageOriginHiddenUser)
    assert hidden.sender_user_name == "Boris"
    assert isinstance(chat, MessageOriginChat)
    assert chat.sender_chat.title == "The others"
    assert isinstance(channel, MessageOriginChannel)
    assert channel.chat.title == "News"


async def test_a_changed_message_is_an_update_of_its_own(client: Bot, ann: Someone) -> None:
    message = await ann.writes("/new Bye paper")
    await ann.edits(message["message_id"], "/new Buy paper")

    written, edited = await client.get_updates()
    assert written.message
    assert edited.edited_message
    assert edited.edited_message.edit_date
    assert (edited.edited_message.message_id, edited.edited_message.text) == (message["message_id"], "/new Buy paper")


async def test_a_deep_link_is_a_start_with_a_payload(client: Bot, ann: Someone) -> None:
    await ann.writes("/start Ab_-1")

    (update,) = await client.get_updates()
    assert update.message
    assert [entity.type for entity in update.message.entities or ()] == ["bot_command"]


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"reply_markup": buttons(callback_data="x" * 65)}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons(callback_data="ю" * 33)}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons(callback_data="")}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons(url="ftp://x")}, "Unsupported URL protocol"),
        ({"reply_markup": buttons()}, "Text buttons are unallowed"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"reply_parameters": ReplyParameters(message_id=999)}, "message to be replied not found"),
        ({"message_thread_id": 7}, "message thread not found"),
        ({"chat_id": 5}, "chat not found"),
    ],
)
async def test_what_telegram_would_not_take_is_refused(
    client: Bot, ann: Someone, parameters: dict[str, Any], description: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=description):
        await client.send_message(**{"chat_id": ann.id, "text": "hello"} | parameters)


async def test_the_longest_button_and_a_missing_message_that_may_be_missing_are_taken(
    client: Bot, ann: Someone
) -> None:
    reply = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    data = "ю" * 32

    sent = await client.send_message(ann.id, "hello", reply_markup=buttons(callback_data=data), reply_parameters=reply)

    assert (sent.reply_to_message, datum(sent.reply_markup)) == (None, data)


async def test_the_bot_deletes_its_own_messages_and_others_only_where_it_may(
    people: People, client: Bot, ann: Someone
) -> None:
    group = await people.group(ann)
    its, hers = await client.send_message(group.id, "one"), await ann.writes("two", chat=group.id)

    assert await client.delete_message(group.id, its.message_id)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await client.delete_message(group.id, hers["message_id"])
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await client.delete_message(group.id, its.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await client.edit_message_text("three", chat_id=group.id, message_id=its.message_id)
    await group.moves_bot("administrator")
    assert await client.delete_message(group.id, hers["message_id"])


async def test_a_persons_own_messages_can_be_deleted_by_them(people: People, ann: Someone) -> None:
    mine = await ann.writes("oops")
    await people.ask("DELETE", f"people/{ann.id}/messages/{mine['message_id']}")

    assert [message["text"] for message in await ann.sees("messages")] == ["hello"]
    with pytest.raises(aiohttp.ClientResponseError) as missing:
        await people.ask("DELETE", f"people/{ann.id}/messages/{mine['message_id']}")
    assert missing.value.status == 404


async def test_that_the_bot_is_typing_is_seen_at_once(client: Bot, ann: Someone) -> None:
    async with ann.events() as events:
        assert await client.send_chat_action(ann.id, "typing")
        assert (await anext(events))["action"]["action"] == "typing"


async def test_people_in_groups_see_another_menu(people: People, client: Bot, ann: Someone) -> None:
    group = await people.group(ann)
    for scope, command in (
        (None, "all"),
        (BotCommandScopeAllPrivateChats(), "alone"),
        (BotCommandScopeAllGroupChats(), "here"),
    ):
        await client.set_my_commands([BotCommand(command=command, description="x")], scope=scope)
    assert [[menu["command"] for menu in await ann.sees("commands", chat)] for chat in (None, group.id)] == [
        ["alone"],
        ["here"],
    ]

    await client.delete_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert [menu["command"] for menu in await ann.sees("commands")] == ["all"]
    assert [menu.command for menu in await client.get_my_commands()] == ["all"]
