"""Links to Telegram accounts: asked for there and confirmed here, or asked for here and confirmed there."""

from sqlalchemy.exc import IntegrityError

from actors.accounts.act import Act
from actors.accounts.desk import Desk
from actors.sql import telegram_links
from infra.actor import handle
from infra.db import transaction
from schemas.accounts import User
from schemas.audit import Act as Recorded
from schemas.errors import conflict, not_found
from schemas.ids import TelegramId, UserId
from schemas.telegram import (
    ConfirmTelegram,
    Contact,
    CreateTelegramCode,
    EndTelegram,
    FindTelegramUser,
    GetTelegramLink,
    IntroduceBot,
    ListContacts,
    MarkReachable,
    RedeemStart,
    StartLink,
    StartTelegram,
    TelegramCode,
    TelegramLink,
    UnlinkTelegram,
)


class TelegramLinks(Desk):
    """Commands about links. One Telegram account belongs to one user and the reverse.

    The newest link stays; but a deep link, which anybody may send to anybody, takes no Telegram account from a user.
    """

    @handle
    async def create_code(self, command: CreateTelegramCode) -> TelegramCode:
        return await self._codes.create(command.telegram)

    @handle
    async def confirm(self, command: ConfirmTelegram) -> TelegramLink:
        async with self._act() as act:
            await act.asker(command.by)
        return await self._link(command.by, await self._codes.redeem(command.by, command.code))

    @handle
    async def make_link(self, command: StartTelegram) -> StartLink:
        async with self._act() as act:
            await act.asker(command.by)
        return await self._starts.create(command.by)

    @handle
    async def redeem(self, command: RedeemStart) -> TelegramLink:
        user = await self._starts.redeem(command.telegram, command.code)
        return await self._link(user, command.telegram, takes_over=False)

    @handle
    async def introduce(self, command: IntroduceBot) -> None:
        await self._starts.introduce(command.address)

    @handle
    async def link(self, query: GetTelegramLink) -> TelegramLink | None:
        async with self._act() as act:
            asker = await act.asker(query.by)
            return await telegram_links.of(act.connection, asker.id)

    @handle
    async def unlink(self, command: UnlinkTelegram) -> None:
        async with self._act() as act:
            asker = await act.asker(command.by)
            await _ended(act, asker, await telegram_links.remove(act.connection, asker.id))

    @handle
    async def end(self, command: EndTelegram) -> None:
        async with self._act() as act:
            owner = await telegram_links.owner(act.connection, command.telegram)
            if owner is not None:
                await _ended(act, owner, await telegram_links.remove(act.connection, owner.id, command.telegram))

    @handle
    async def mark(self, command: MarkReachable) -> None:
        async with self._act() as act:
            link = await telegram_links.mark(act.connection, command.telegram, is_reachable=command.is_reachable)
            if link is not None:
                act.linked[link.user] = link

    @handle
    async def who(self, query: FindTelegramUser) -> User:
        async with transaction(self._engine) as connection:
            user = await telegram_links.owner(connection, query.telegram)
        if user is None or not user.is_active:
            raise not_found("linked account")
        return user

    @handle
    async def contacts(self, query: ListContacts) -> list[Contact]:
        async with transaction(self._engine) as connection:
            return await telegram_links.contacts(connection, query.users)

    async def _link(self, user: UserId, telegram: TelegramId, *, takes_over: bool = True) -> TelegramLink:
        """Without `takes_over`, CONFLICT where the Telegram account is linked to somebody else who is active."""
        try:
            async with self._act() as act:
                asker = await act.asker(user, lock=True)
                owner = await telegram_links.owner(act.connection, telegram)
                if not takes_over and owner is not None and owner.is_active and owner.id != user:
                    raise conflict("this Telegram account is somebody else's here; send /unlink, then open a new link")
                await _ended(act, asker, await telegram_links.remove(act.connection, user, telegram))
                link = await telegram_links.add(act.connection, user, telegram, act.at)
                act.linked[user] = link
                await act.record(Recorded.TELEGRAM_LINKED, asker, about=user, detail=str(telegram))
        except IntegrityError as error:
            raise conflict("somebody else linked this Telegram account just now") from error
        return link


async def _ended(act: Act, asker: User, ended: list[TelegramLink]) -> None:
    for link in ended:
        act.linked[link.user] = None
        await act.record(Recorded.TELEGRAM_UNLINKED, asker, about=link.user, detail=str(link.telegram))
