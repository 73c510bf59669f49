"""The Bot API methods that the bot uses: each struct is one, its fields are the parameters, `run` is what it does."""

from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from bot.simulator.markup import parse_html, utf16_length
from bot.simulator.shapes import BotCommand, Entity, Keyboard, Message, Update, User, bad_request
from bot.simulator.telegram import ChatLog, Telegram
from schemas.base import Record

TEXT_LIMIT = 4096
"""UTF-16 units of a message, after its markup has been read."""


class Method(Record):
    """The class name is the method's; unknown parameters are ignored, as Telegram does."""

    async def run(self, telegram: Telegram) -> Any:
        """The result. Raises BotApiError."""
        raise NotImplementedError


class GetMe(Method):
    async def run(self, telegram: Telegram) -> User:
        return telegram.bot


class GetUpdates(Method):
    """Long polling; an `offset` confirms all updates before it."""

    offset: int = 0
    limit: int = 100
    timeout: int = 0

    async def run(self, telegram: Telegram) -> list[Update]:
        limit = min(max(self.limit, 1), 100)
        timeout = min(max(self.timeout, 0), 50)
        return await telegram.updates.read(offset=self.offset, limit=limit, timeout=timeout)


class DeleteWebhook(Method):
    """There never is one here; what is waiting can still be dropped."""

    drop_pending_updates: bool = False

    async def run(self, telegram: Telegram) -> bool:
        if self.drop_pending_updates:
            telegram.updates.clear()
        return True


class SetMyCommands(Method):
    commands: Annotated[tuple[BotCommand, ...], msgspec.Meta(max_length=100)]
    language_code: str = ""

    async def run(self, telegram: Telegram) -> bool:
        telegram.commands[self.language_code] = self.commands
        return True


class GetMyCommands(Method):
    language_code: str = ""

    async def run(self, telegram: Telegram) -> tuple[BotCommand, ...]:
        return telegram.commands.get(self.language_code, ())


class SendMessage(Method):
    chat_id: int
    text: str
    parse_mode: str = ""
    reply_markup: Keyboard | None = None

    async def run(self, telegram: Telegram) -> Message:
        log = telegram.chat_with(self.chat_id)
        text, entities = formatted(self.text, self.parse_mode)
        return telegram.reply(log, text, entities, self.reply_markup)


class EditMessageText(Method):
    chat_id: int
    message_id: int
    text: str
    parse_mode: str = ""
    reply_markup: Keyboard | None = None

    async def run(self, telegram: Telegram) -> Message:
        log, message = own_message(telegram, self.chat_id, self.message_id)
        text, entities = formatted(self.text, self.parse_mode)
        return telegram.edit(
            log, message, replace(message, text=text, entities=entities, reply_markup=self.reply_markup)
        )


class EditMessageReplyMarkup(Method):
    chat_id: int
    message_id: int
    reply_markup: Keyboard | None = None

    async def run(self, telegram: Telegram) -> Message:
        log, message = own_message(telegram, self.chat_id, self.message_id)
        return telegram.edit(log, message, replace(message, reply_markup=self.reply_markup))


class AnswerCallbackQuery(Method):
    callback_query_id: str
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""

    async def run(self, telegram: Telegram) -> bool:
        telegram.answer_press(self.callback_query_id, self.text)
        return True


METHODS: dict[str, type[Method]] = {method.__name__.lower(): method for method in Method.__subclasses__()}
"""By name in lower case: Telegram does not mind the case."""


def formatted(text: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    """Plain text and entities. Raises BotApiError for what Telegram would not send."""
    if parse_mode.lower() not in ("", "html"):
        raise bad_request("the simulator reads no other parse_mode than HTML")
    plain, entities = parse_html(text) if parse_mode else (text, ())
    if not plain.strip():
        raise bad_request("message text is empty")
    if utf16_length(plain) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return plain, entities


def own_message(telegram: Telegram, chat_id: int, message_id: int) -> tuple[ChatLog, Message]:
    """A message that the bot may edit. Raises BotApiError."""
    log = telegram.chat_with(chat_id)
    message = log.message(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if not message.sender.is_bot:
        raise bad_request("message can't be edited")
    return log, message
