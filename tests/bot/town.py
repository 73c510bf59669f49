"""People who have an account here, a Telegram account, and the real bot between the two."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from itertools import count
from typing import Any, NamedTuple, ParamSpec, TypeVar

from aiogram.filters.callback_data import CallbackData
from msgspec.structs import replace

from bot.answering import answer_people
from bot.client import create_bot
from bot.simulator.markup import parse_html
from bot.simulator.telegram import Telegram
from bot.texts import TEXTS
from infra.bus import Bus
from infra.config import Settings
from schemas.accounts import Language, UpdateProfile, User
from schemas.base import Role
from schemas.ids import ListId, TeamId, UserId
from schemas.lists import CreateList
from schemas.members import AddMember, MemberRole
from schemas.tasks import CreateTask, TaskView
from schemas.teams import MyTeam
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from tests.bot.simulated import TOKEN, Group, People, Someone, cancelled, said_by_bot
from tests.conftest import NewTeam, NewUser, person
from tests.waiting import wait_for

PUBLIC_URL = "https://tasks.example.org"

Message = dict[str, Any]


_towns = count(1)

P = ParamSpec("P")
T = TypeVar("T")


def in_time(wait: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """What never comes fails the test, and says what was waited for."""

    @wraps(wait)
    async def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            async with asyncio.timeout(8):
                return await wait(*args, **kwargs)
        except TimeoutError:
            raise AssertionError(f"this never came: {wait.__name__}{args[1:]} {kwargs}") from None

    return waiting


def telegram_of_its_own() -> Telegram:
    """With chats that no other town has: what is still to be sent to those must not come here."""
    telegram = Telegram(TOKEN)
    number = 100_000 * next(_towns)
    telegram.numbers.person += number
    telegram.numbers.group -= number
    telegram.numbers.supergroup -= number
    return telegram


class Resident(NamedTuple):
    """One person on both sides."""

    user: User
    chat: Someone
    language: str

    @property
    def id(self) -> UserId:
        return self.user.id


class Board(NamedTuple):
    team: MyTeam
    list: ListId


def plain(key: str, language: str = "en", **values: Any) -> str:
    """A text as people see it."""
    return parse_html(TEXTS[language].say(key, **values))[0]


def buttons(message: Message) -> dict[str, str]:
    """What the buttons below a message say, and what they carry."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button.get("callback_data") or button["url"] for row in rows for button in row}


class Town:
    """Makes residents and boards."""

    def __init__(self, people: People, bus: Bus, new_user: NewUser, new_team: NewTeam) -> None:
        self.people = people
        self.bus = bus
        self._new_user = new_user
        self._new_team = new_team

    async def resident(self, name: str = "Ann", language: str = "en", time_zone: str = "UTC") -> Resident:
        """Somebody who has linked their Telegram account; both speak the language."""
        user = await self._new_user(name)
        chat = await self.people.add(name, language)
        await self.bus.request(UpdateProfile(by=user.id, language=Language(language), time_zone=time_zone))
        code = await self.bus.request(CreateTelegramCode(telegram=chat.id))
        await self.bus.request(ConfirmTelegram(by=user.id, code=code.code))
        # A bot that has just begun may not have found the bus yet.
        while plain("service-up", language) not in (await chat.asks("/start"))["text"]:
            pass
        return Resident(user, chat, language)

    @in_time
    async def said(self, chat: Someone, text: str) -> Message:
        """The newest message of the bot with this text in it, as soon as there is one."""
        async with chat.events() as events:
            for message in await chat.sees("messages"):
                if message["from"]["is_bot"] and text in (message.get("text") or ""):
                    return message
            while text not in ((message := await said_by_bot(events)).get("text") or ""):
                pass
            return message

    @in_time
    async def shown(self, chat: Someone, text: str, times: int = 1) -> list[Message]:
        """The bot's messages with this text, as soon as there are so many."""
        async with chat.events() as events:
            while True:
                seen = await chat.sees("messages")
                found = [one for one in seen if one["from"]["is_bot"] and text in (one.get("text") or "")]
                if len(found) >= times:
                    return found
                await anext(events)

    @in_time
    async def said_in(self, group: Group, who: Resident, text: str) -> Message:
        """The newest message of the bot in a group with this text in it, as one of its people sees it."""
        async with group.events() as events:
            for message in await who.chat.sees("messages", group.id):
                if message["from"]["is_bot"] and text in (message.get("text") or ""):
                    return message
            while text not in ((message := await said_by_bot(events)).get("text") or ""):
                pass
            return message

    async def group(self, owner: Resident, title: str = "The crew", **kind: bool) -> Group:
        """With the bot in it, which has said hello."""
        group = await self.people.group(owner.chat, title, **kind)
        await self.said_in(group, owner, plain("group-greeting", owner.language))
        return group

    @in_time
    async def answer_to(self, act: Awaitable[Any], who: Resident) -> Message:
        """The bot's next message in somebody's chat after they have done something."""
        async with who.chat.events() as events:
            await act
            return await said_by_bot(events)

    async def until(self, what: Callable[[], Awaitable[bool]], *, is_so: bool) -> None:
        async def settled() -> bool:
            return await what() is is_so

        await wait_for(settled)

    @in_time
    async def called(self, chat: Someone, text: str, times: int = 1) -> list[dict[str, Any]]:
        """The bot's calls about this text, whatever came of them, as soon as there are so many."""
        after, found = 0, []
        while True:
            page = await self.people.calls(after=after, wait=5)
            after = page["after"]
            found += [one for one in page["calls"] if one.get("chat") == chat.id and text in (one.get("text") or "")]
            if len(found) >= times:
                return found

    async def board(self, owner: Resident, name: str = "Crew", list_name: str = "To do") -> Board:
        team = await self._new_team(owner.user, name)
        made = await self.bus.request(CreateList(by=owner.id, team=team.id, name=list_name))
        return Board(team, made.id)

    async def join(self, owner: Resident, team: TeamId, *who: Resident, role: MemberRole = MemberRole.MEMBER) -> None:
        for one in who:
            await self.bus.request(AddMember(by=owner.id, team=team, person=person(one.user), role=role))

    async def task(self, by: Resident, board: Board, title: str = "Buy paper", **fields: Any) -> TaskView:
        return await self.bus.request(CreateTask(by=by.id, list=board.list, title=title, **fields))

    @in_time
    async def press(
        self,
        who: Resident,
        message: Message,
        button: str | CallbackData,
        chat: int | None = None,
        *,
        stale: bool = False,
    ) -> tuple[str, Message]:
        """Press a button by what it says or carries; gives what the bot says to that, and the message after it.

        One that is `stale` stands there no longer, but somebody's Telegram still shows it.
        """
        data = button.pack() if isinstance(button, CallbackData) else buttons(message)[button]
        async with who.chat.events(chat) as events:
            if stale:
                await self.people.bot_calls(
                    "editMessageReplyMarkup",
                    chat_id=chat or who.chat.id,
                    message_id=message["message_id"],
                    reply_markup={"inline_keyboard": [[{"text": "stale", "callback_data": data}]]},
                )
            pressed = await who.chat.presses(message["message_id"], data, chat)
            shown = message
            async for event in events:
                if (changed := event.get("message")) and changed["message_id"] == message["message_id"]:
                    shown = changed
                if (press := event.get("press")) and press["id"] == pressed["id"] and press.get("answer") is not None:
                    return press["answer"], shown
        raise AssertionError("the event stream ended")

    async def below(self, who: Resident, button: CallbackData) -> Message:
        """A message of the bot with this button."""
        buttons = {"inline_keyboard": [[{"text": "button", "callback_data": button.pack()}]]}
        return await self.people.bot_sends(who.chat, "From long ago", reply_markup=buttons)


@asynccontextmanager
async def bot_at_work(people: People, settings: Settings, **changes: Any) -> AsyncGenerator[Bus]:
    """The whole bot, as in its own process."""
    settings = replace(
        settings, **({"bot_token": TOKEN, "telegram_api_base": people.url, "public_url": PUBLIC_URL} | changes)
    )
    bus = Bus(settings, Role.BOT)
    working = asyncio.create_task(answer_people(create_bot(settings), bus, settings))
    try:
        yield bus
    finally:
        await cancelled(working)
