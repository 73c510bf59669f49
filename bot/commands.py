"""The commands that the bot answers; Telegram's menus and /help both come from these lists."""

from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllGroupChats

from bot.texts import DEFAULT_LANGUAGE, LANGUAGES, TEXTS, Texts

COMMANDS = ("start", "tasks", "new", "done", "assign", "due", "mute", "lang", "link", "unlink", "help")
"""In a private chat. The text `command-<name>` describes each."""

GROUP_COMMANDS = ("bind", "unbind", "kinds", "new", "done", "assign", "due", "help")
"""In a group."""

PRIVATE_ONLY = tuple(name for name in COMMANDS if name not in GROUP_COMMANDS)


def menu(texts: Texts, names: tuple[str, ...] = COMMANDS) -> list[BotCommand]:
    return [BotCommand(command=name, description=texts.say(f"command-{name}")) for name in names]


async def set_menus(bot: Bot) -> None:
    """Give Telegram the menus in each of our languages, and the default for all others."""
    groups = BotCommandScopeAllGroupChats()
    for language, code in ((DEFAULT_LANGUAGE, None), *((one, one) for one in LANGUAGES)):
        texts = TEXTS[language]
        await bot.set_my_commands(menu(texts, GROUP_COMMANDS), scope=groups, language_code=code)
        await bot.set_my_commands(menu(texts), language_code=code)
