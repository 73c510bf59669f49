"""Who is at hand to call: the same people for several routes, for to sign eleven of them in takes a while."""

from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import TelegramId
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from tests.conftest import NewUser
from tests.gateway.browser import Browser
from tests.gateway.callers import Callers
from tests.gateway.conftest import SERVICE_TOKEN, Crew, NewBrowser
from tests.gateway.matrix import Who

_ROUTES = 10
"""After so many they are let go: nobody may write much more in a minute."""


class Rota:
    """Callers who are given back are taken again; new ones come when there are none."""

    def __init__(self, new_browser: NewBrowser, new_user: NewUser, bus: Bus) -> None:
        self._new_browser = new_browser
        self._new_user = new_user
        self._bus = bus
        self._free: Callers | None = None
        self._taken = 0

    async def take(self) -> Callers:
        callers, self._free = self._free, None
        if callers is None or self._taken == _ROUTES:
            callers, self._taken = await self._new(), 0
        self._taken += 1
        return callers

    def give_back(self, callers: Callers) -> None:
        """Only those who are as they came."""
        self._free = callers

    async def _new(self) -> Callers:
        crew = Crew(*[await self._new_browser(name) for name in ("Ann", "Adam", "Ben", "Vera", "Olga")])
        await crew.build()
        people = {
            Who.ANONYMOUS: await self._new_browser("Nobody", signed_in=False),
            Who.OUTSIDER: crew.olga,
            Who.ELSEWHERE: await self._new_browser("Else"),
            Who.VIEWER: crew.vera,
            Who.MEMBER: crew.ben,
            Who.ADMIN: crew.adam,
            Who.SITE_ADMIN: await self._new_browser(user=await self._new_user("Root", is_admin=True)),
        }
        await people[Who.ELSEWHERE].post("/api/teams/", {"name": "Another"})
        telegram = str(await self._linked(crew.ben.user))
        programs = {
            Who.SERVICE: {"Authorization": f"Bearer {SERVICE_TOKEN}", "X-TG-USER": telegram},
            Who.READING: await _token_of(crew.ann, "read"),
            Who.WRITING: await _token_of(crew.ann, "write"),
        }
        people |= {who: await self._new_browser(signed_in=False) for who in programs}
        # Last, because the others need their team, and this one may sign out.
        people[Who.OWNER] = crew.ann
        return Callers(crew, people, programs)

    async def _linked(self, person: User) -> TelegramId:
        """A Telegram account that the person has linked."""
        telegram = TelegramId(900_000 + person.id)
        code = (await self._bus.request(CreateTelegramCode(telegram=telegram))).code
        await self._bus.request(ConfirmTelegram(by=person.id, code=code))
        return telegram


async def _token_of(person: Browser, scope: str) -> dict[str, str]:
    made = await person.post("/api/auth/tokens/", {"name": scope, "scope": scope})
    return {"Authorization": f"Bearer {made.body['secret']}"}
