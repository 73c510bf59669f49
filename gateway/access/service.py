"""Programs of the house that speak for people: the SERVICE_TOKEN, and the Telegram account they speak for."""

import hmac
from http import HTTPStatus

import msgspec
from aiohttp import web

from gateway.access.door import bearer_of, wrong_token
from gateway.access.limits import Guesses
from gateway.access.peers import Peers
from gateway.auth import Linked, Service
from gateway.errors import HttpProblem
from infra.bus import Bus
from schemas.errors import BusError, ErrorCode, invalid
from schemas.ids import TelegramId
from schemas.telegram import FindTelegramUser

TELEGRAM_USER = "X-TG-USER"


class Services:
    """Lets the services in."""

    def __init__(self, bus: Bus, guesses: Guesses, peers: Peers, token: str) -> None:
        """Nobody is let in while `token` is empty."""
        self._bus = bus
        self._guesses = guesses
        self._peers = peers
        self._token = token.encode()

    async def service(self, request: web.Request) -> Service:
        """Raises HttpProblem unless the SERVICE_TOKEN was shown."""
        if not self._token:
            raise HttpProblem(HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_TOKEN is not set here, so no service may ask")
        shown = bearer_of(request)
        if shown is None:
            raise wrong_token()
        if not hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._token):
            address = self._peers.counted(request)
            self._guesses.check(address)
            await self._guesses.wrong(address)
            raise wrong_token()
        return Service()

    async def linked(self, request: web.Request) -> Linked:
        """As `service`, and whom it speaks for; raises BusError NOT_FOUND when nobody has linked that account."""
        await self.service(request)
        try:
            telegram = msgspec.convert(request.headers.get(TELEGRAM_USER), TelegramId, strict=False)
        except msgspec.ValidationError:
            raise invalid("the id of a Telegram account is needed here", TELEGRAM_USER) from None
        try:
            user = await self._bus.request(FindTelegramUser(telegram=telegram))
        except BusError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            raise BusError(ErrorCode.NOT_FOUND, "nobody has linked this Telegram account") from None
        return Linked(id=user.id, username=user.username, name=user.name, is_admin=user.is_admin)
