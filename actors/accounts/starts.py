"""Deep links that link Telegram accounts, in Redis: good once, for five minutes, one at a time for each user."""

import hmac
import secrets
from datetime import UTC, datetime, timedelta

from actors.accounts.codes import GUESSES, LIFE, Kept
from schemas.errors import forbidden, not_found
from schemas.ids import TelegramId, UserId
from schemas.telegram import StartLink

_BYTES = 24


class Starts(Kept):
    """Which user the code of a deep link stands for, and where the bot is that it opens."""

    async def introduce(self, address: str) -> None:
        """The bot is there from now on."""
        await self._ask("SET", _BOT, address)

    async def create(self, user: UserId) -> StartLink:
        """A link that takes the place of the one that they had."""
        code = secrets.token_urlsafe(_BYTES)
        expires_at = datetime.now(UTC) + timedelta(seconds=LIFE)
        await self._ask("SET", _of_code(code), user, "EX", LIFE)
        await self._ask("SET", _newest_of(user), code, "EX", LIFE)
        address = await self._ask("GET", _BOT)
        return StartLink(url=address.decode() + code if address else None, expires_at=expires_at)

    async def redeem(self, telegram: TelegramId, code: str) -> UserId:
        """Who made the link, which is worth nothing from now on.

        Raises BusError: NOT_FOUND, or FORBIDDEN when this Telegram account has tried too many.
        """
        if await self._guesses(f"accounts:telegram-start-guesses:{telegram}") > GUESSES:
            raise forbidden("too many links were tried; try again in ten minutes")
        user = await self._ask("GETDEL", _of_code(code))
        newest = await self._ask("GET", _newest_of(int(user))) if user else None
        if newest is None or not hmac.compare_digest(newest, code.encode()):
            raise not_found("link; it is used up or too old: make another one in your profile")
        return UserId(int(user))


_BOT = "accounts:telegram-bot"


def _of_code(code: str) -> str:
    return f"accounts:telegram-start:{code}"


def _newest_of(user: int) -> str:
    return f"accounts:telegram-start-of:{user}"
