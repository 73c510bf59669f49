"""Links to Telegram accounts: asked for there, confirmed here."""

from sqlalchemy.exc import IntegrityError

from actors.accounts.act import Act
from actors.accounts.desk import Desk
from actors.sql import telegram_links
from infra.actor import handle
from infra.db import transaction
from schemas.accounts import User
from schemas.audit import Act as Recorded
from schemas.errors import conflict, not_found
from schemas.telegram import (
    ConfirmTelegram,
    CreateTelegramCode,
    FindTelegramUser,
    GetTelegramLink,
    TelegramCode,
    TelegramLink,
    UnlinkTelegram,
)


class TelegramLinks(Desk):
    """Commands about links. One Telegram account belongs to one user and the reverse: the newest link stays."""

    @handle
    async def create_code(self, command: CreateTelegramCode) -> TelegramCode:
        return await self._codes.create(command.telegram)

    @handle
    async def confirm(self, command: ConfirmTelegram) -> TelegramLink:
        async with self._act() as act:
            await act.asker(command.by)
        telegram = await self._codes.redeem(command.by, command.code)
        try:
            async with self._act() as act:
                asker = await act.asker(command.by, lock=True)
                ended = await telegram_links.remove(act.connection, asker.id, telegram)
                await _record_ended(act, asker, ended)
                link = await telegram_links.add(act.connection, asker.id, telegram, act.at)
                await act.record(Recorded.TELEGRAM_LINKED, asker, about=asker.id, detail=str(telegram))
        except IntegrityError as error:
            raise conflict("somebody else linked this Telegram account just now") from error
        return link

    @handle
    async def link(self, query: GetTelegramLink) -> TelegramLink | None:
        async with self._act() as act:
            asker = await act.asker(query.by)
            return await telegram_links.of(act.connection, asker.id)

    @handle
    async def unlink(self, command: UnlinkTelegram) -> None:
        async with self._act() as act:
            asker = await act.asker(command.by)
            await _record_ended(act, asker, await telegram_links.remove(act.connection, asker.id))

    @handle
    async def who(self, query: FindTelegramUser) -> User:
        async with transaction(self._engine) as connection:
            user = await telegram_links.who(connection, query.telegram)
        if user is None:
            raise not_found("linked account")
        return user


async def _record_ended(act: Act, asker: User, ended: list[TelegramLink]) -> None:
    for link in ended:
        await act.record(Recorded.TELEGRAM_UNLINKED, asker, about=link.user, detail=str(link.telegram))
