"""Messages of ours that say something else once a button was pressed."""

from collections.abc import Generator
from contextlib import contextmanager

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.texts import Texts, plain, quote
from schemas.accounts import User

TEXT_LIMIT = 4096
"""UTF-16 units of one message."""


ALERT_LIMIT = 200


def length(text: str) -> int:
    """As Telegram counts: characters beyond U+FFFF are two."""
    return len(text) + sum(character > "\uffff" for character in text)


async def message_of(query: CallbackQuery, texts: Texts) -> Message | None:
    """The message that the button stands below; when it is too old to be had, that is said."""
    if isinstance(query.message, Message):
        return query.message
    await alert(query, texts.say("message-too-old"))
    return None


async def rewrite(message: Message, text: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Say something else there; nothing happens where it says that already."""
    with _unchanged_is_fine():
        await message.edit_text(text, reply_markup=buttons)


async def rebutton(message: Message, buttons: InlineKeyboardMarkup | None) -> None:
    """Put other buttons there."""
    with _unchanged_is_fine():
        await message.edit_reply_markup(reply_markup=buttons)


async def append(message: Message, line: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Say below the text what has happened since; where there is no room, only the buttons change."""
    text = f"{message.html_text}\n\n{line}"
    if length(text) > TEXT_LIMIT:
        await rebutton(message, buttons)
    else:
        await rewrite(message, text, buttons)


async def alert(query: CallbackQuery, sentence: str) -> None:
    """Say something over the chat, to nobody but who pressed."""
    await query.answer(shortened(sentence), show_alert=True)


def shortened(sentence: str) -> str:
    """As much as Telegram shows of the answer to a press, which has no markup."""
    text = plain(sentence)
    return text if length(text) <= ALERT_LIMIT else text[: ALERT_LIMIT // 2] + "…"


def by(line: str, person: User, message: Message) -> str:
    """In a group it is told who did it."""
    return line if message.chat.type == "private" else f"{line} — {quote(person.name)}"


@contextmanager
def _unchanged_is_fine() -> Generator[None]:
    """Two who press the same button at once both want what is there then."""
    try:
        yield
    except TelegramBadRequest as error:
        if "message is not modified" not in error.message:
            raise
