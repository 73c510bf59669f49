"""The menus of commands that Telegram shows beside the text field.

https://core.telegram.org/bots/api#determining-list-of-commands
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from bot.simulator.errors import bad_request
from bot.simulator.shapes import Shape

MenuLanguage = Annotated[str, msgspec.Meta(pattern=r"^([a-z]{2})?$(?!\n)")]


class BotCommand(Shape):
    """One line of a menu."""

    command: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,32}$(?!\n)")]
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


Commands = Annotated[tuple[BotCommand, ...], msgspec.Meta(max_length=100)]


class Scope(Shape):
    """Whom a menu is for."""

    type: str = "default"
    chat_id: int | None = None
    user_id: int | None = None

    def check(self) -> None:
        """Raises BotApiError for a scope that there is not."""
        if self.type not in _NEEDS:
            raise bad_request("can't parse BotCommandScope: unsupported type specified")
        if any(getattr(self, field) is None for field in _NEEDS[self.type]):
            raise bad_request("chat not found")


_NEEDS = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


class Menus:
    """One menu for each scope and language; the empty language is everyone else's."""

    def __init__(self) -> None:
        self._menus: dict[tuple[Scope, str], Commands] = {}

    def put(self, scope: Scope, language: str, commands: Commands) -> None:
        """No commands are no menu."""
        self._menus.pop((scope, language), None)
        if commands:
            self._menus[scope, language] = commands

    def get(self, scope: Scope, language: str) -> Commands:
        return self._menus.get((scope, language), ())

    def all(self) -> Iterator[tuple[Scope, str, Commands]]:
        for (scope, language), commands in self._menus.items():
            yield scope, language, commands

    def shown(self, person: int, language: str | None, *, group: int | None, is_admin: bool = False) -> Commands:
        """What one person sees: of the narrowest scope that has a menu, in their language or else in everyone's."""
        spoken = (language or "")[:2].lower()
        menus = (self.get(scope, code) for scope in _scopes(person, group, is_admin=is_admin) for code in (spoken, ""))
        return next((menu for menu in menus if menu), ())


def _scopes(person: int, group: int | None, *, is_admin: bool) -> Iterator[Scope]:
    if group is None:
        yield Scope(type="chat", chat_id=person)
        yield Scope(type="all_private_chats")
    else:
        yield Scope(type="chat_member", chat_id=group, user_id=person)
        if is_admin:
            yield Scope(type="chat_administrators", chat_id=group)
        yield Scope(type="chat", chat_id=group)
        if is_admin:
            yield Scope(type="all_chat_administrators")
        yield Scope(type="all_group_chats")
    yield Scope()
