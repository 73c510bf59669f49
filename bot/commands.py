"""The commands that the bot answers; Telegram's menu and /help both come from this list."""

from aiogram import Bot
from aiogram.types import BotCommand

from bot.texts import DEFAULT_LANGUAGE, LANGUAGES, TEXTS, Texts

COMMANDS = ("start", "help")
"""The text `command-<name>` describes each."""


def menu(texts: Texts) -> list[BotCommand]:
    return [BotCommand(command=name, description=texts.say(f"command-{name}")) for name in COMMANDS]


async def set_menus(bot: Bot) -> None:
    """Give Telegram the menu in each of our languages, and the default for all others."""
    await bot.set_my_commands(menu(TEXTS[DEFAULT_LANGUAGE]))
    for language in LANGUAGES:
        await bot.set_my_commands(menu(TEXTS[language]), language_code=language)
