"""/start and /help."""

from aiogram import Router
from aiogram.filters import Command, CommandStart
from aiogram.types import Message, User

from bot.commands import COMMANDS
from bot.texts import Texts
from infra.bus import Bus


def start_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="start")
    router.message.register(greet, CommandStart(ignore_case=True))
    router.message.register(explain, Command("help", ignore_case=True))
    return router


async def greet(message: Message, texts: Texts, event_from_user: User, bus: Bus) -> None:
    greeting = texts.say("greeting", name=event_from_user.full_name)
    state = texts.say("service-up" if bus.connected else "service-down")
    await message.answer(f"{greeting}\n\n{state} {texts.say('help-pointer')}")


async def explain(message: Message, texts: Texts) -> None:
    lines = [f"/{name} — {texts.say(f'command-{name}')}" for name in COMMANDS]
    await message.answer("\n".join([texts.say("help-heading"), "", *lines]))
