"""What the bot says, and what it does to what was said."""

from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from bot.simulator.drafts import ReplyParameters, formatted, keyboard, own_message, place, reply
from bot.simulator.errors import bad_request
from bot.simulator.members import ADMINS
from bot.simulator.methods.method import Method
from bot.simulator.shapes import Keyboard, Message
from bot.simulator.telegram import Telegram


class SendMessage(Method):
    chat_id: int
    text: str
    parse_mode: str = ""
    message_thread_id: int | None = None
    reply_parameters: ReplyParameters | None = None
    reply_markup: Keyboard | None = None
    link_preview_options: dict[str, Any] | None = None
    disable_notification: bool = False

    async def run(self, telegram: Telegram) -> Message:
        room = telegram.room_for_bot(self.chat_id)
        text, entities = formatted(self.text, self.parse_mode, telegram.people)
        fields = place(room, self.message_thread_id, reply(room, self.reply_parameters))
        buttons = keyboard(self.reply_markup)
        telegram.limiter.count(self.chat_id)
        return telegram.say(
            room,
            telegram.bot,
            text=text,
            entities=entities,
            reply_markup=buttons,
            link_preview_options=self.link_preview_options,
            **fields,
        )


class EditMessageText(Method):
    """A keyboard that is not given again is taken away."""

    chat_id: int
    message_id: int
    text: str
    parse_mode: str = ""
    reply_markup: Keyboard | None = None
    link_preview_options: dict[str, Any] | None = None

    async def run(self, telegram: Telegram) -> Message:
        room, message = own_message(telegram, self.chat_id, self.message_id)
        text, entities = formatted(self.text, self.parse_mode, telegram.people)
        new = replace(
            message,
            text=text,
            entities=entities,
            reply_markup=keyboard(self.reply_markup),
            link_preview_options=self.link_preview_options,
        )
        return telegram.edit(room, message, new)


class EditMessageReplyMarkup(Method):
    chat_id: int
    message_id: int
    reply_markup: Keyboard | None = None

    async def run(self, telegram: Telegram) -> Message:
        room, message = own_message(telegram, self.chat_id, self.message_id)
        return telegram.edit(room, message, replace(message, reply_markup=keyboard(self.reply_markup)))


class DeleteMessage(Method):
    """The bot's own, anybody's in a private chat, and in a group anybody's if the bot is an admin there."""

    chat_id: int
    message_id: int

    async def run(self, telegram: Telegram) -> bool:
        room = telegram.room_for_bot(self.chat_id)
        message = room.messages.get(self.message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if not (message.sender.is_bot or room.is_private or room.bot in ADMINS):
            raise bad_request("message can't be deleted")
        telegram.delete(room, self.message_id)
        return True


class AnswerCallbackQuery(Method):
    callback_query_id: str
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    show_alert: bool = False

    async def run(self, telegram: Telegram) -> bool:
        room = telegram.rooms_of_presses.get(self.callback_query_id)
        press = room and room.presses.get(self.callback_query_id)
        if not room or not press or press.answer is not None:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        telegram.keep_press(room, replace(press, answer=self.text, show_alert=self.show_alert or None))
        return True
