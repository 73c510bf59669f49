"""Everybody in the matrix, and the things that they reach for."""

from http import HTTPStatus
from itertools import count
from typing import Any

from gateway.api import Route
from infra.bus import Bus
from schemas.ids import TelegramId
from schemas.telegram import CreateTelegramCode
from tests.conftest import NewUser
from tests.gateway import telling
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew, NewBrowser
from tests.gateway.matrix import Who

_numbers = map(TelegramId, count(500_001))


class Callers:
    """One of each, and a team of theirs."""

    def __init__(self, crew: Crew, browsers: dict[Who, Browser], headers: dict[Who, dict[str, str]]) -> None:
        self.crew = crew
        self.team_is_whole = False
        """Nothing was done to the team since it was made."""
        self._browsers = browsers
        self._headers = headers

    @property
    def everybody(self) -> list[Who]:
        return list(self._browsers)

    async def send(self, who: Who, method: str, path: str, body: Any = None) -> Answer:
        return await self._browsers[who].send(method, path, body, headers=self._headers.get(who, {}))

    def person(self, who: Who) -> Browser:
        """Whoever a call of `who` counts as."""
        return self._browsers[Who.OWNER if who in (Who.READING, Who.WRITING) else who]


class Things:
    """A team with one of everything, made anew for each call: what is deleted for one caller is there for the next."""

    def __init__(
        self, callers: Callers, who: Who, new_user: NewUser, new_browser: NewBrowser, bus: Bus, messenger: Bus
    ) -> None:
        self._callers = callers
        self._who = who
        self._new_user = new_user
        self._new_browser = new_browser
        self._bus = bus
        self._messenger = messenger
        self.owner = callers.crew.ann

    async def ids_of(self, route: Route) -> dict[str, Any]:
        """What stands in the path, and in a body under the same name."""
        crew = self._callers.crew
        if not self._callers.team_is_whole:
            await crew.build()
            self._callers.team_is_whole = True
        ids: dict[str, Any] = {"team": crew.team, "list": crew.todo}
        fields = {*(route.body.__struct_fields__ if route.body else ())}
        named = {"tasks", "username", "to", "code", "owner"} & fields
        for name in (*[parameter.name for parameter in route.ids], *sorted(named)):
            in_path = getattr(self, f"_{name}_in_path", None) if name not in named else None
            if make := in_path or getattr(self, f"_{name}", None):
                ids[name] = await make(ids)
        if route.status == HTTPStatus.CREATED and {"username", "password"} <= fields:
            ids["username"] = f"newcomer{next(_numbers)}"
        return ids

    async def _made(self, browser: Browser, path: str, body: Any) -> Any:
        answer = await browser.post(path, body)
        assert answer.status == 201, answer
        return answer.body

    async def _tasks(self, _: dict[str, Any]) -> list[int]:
        return [await self._callers.crew.task(), await self._callers.crew.task()]

    async def _username(self, _: dict[str, Any]) -> str:
        return (await self._new_user("Max")).username

    async def _owner(self, ids: dict[str, Any]) -> str:
        return await self._username(ids)

    async def _to(self, ids: dict[str, Any]) -> int:
        return await self._user(ids)

    async def _invite(self, ids: dict[str, Any]) -> int:
        return (await self._made(self.owner, f"/api/teams/{ids['team']}/invites/", {}))["invite"]["id"]

    async def _code_in_path(self, ids: dict[str, Any]) -> str:
        return (await self._made(self.owner, f"/api/teams/{ids['team']}/invites/", {}))["code"]

    async def _task(self, _: dict[str, Any]) -> int:
        return await self._callers.crew.task()

    async def _item(self, ids: dict[str, Any]) -> int:
        task = await self._made(self.owner, f"/api/tasks/{ids['task']}/checklist/", {"text": "Step"})
        return task["checklist"][0]["id"]

    async def _label(self, ids: dict[str, Any]) -> int:
        body = {"name": f"Label {next(_numbers)}", "colour": "#112233"}
        return (await self._made(self.owner, f"/api/teams/{ids['team']}/labels/", body))["id"]

    async def _comment(self, _: dict[str, Any]) -> int:
        task = await self._callers.crew.task()
        return (await self._made(self._callers.crew.ben, f"/api/tasks/{task}/comments/", {"text": "Mine"}))["id"]

    async def _filter(self, _: dict[str, Any]) -> int:
        if self._who in (Who.ANONYMOUS, Who.SERVICE):
            return 1
        person = self._callers.person(self._who)
        return (await self._made(person, "/api/filters/", {"name": "Mine", "filter": {"mine": True}}))["id"]

    async def _notice(self, _: dict[str, Any]) -> int:
        """One of whoever calls."""
        if self._who in (Who.ANONYMOUS, Who.SERVICE):
            return 1
        person, crew = self._callers.person(self._who), self._callers.crew
        return (await telling.add_to_a_team(person, crew.ben if person is crew.adam else crew.adam))["id"]

    async def _delivery(self, _: dict[str, Any]) -> int:
        """One that the bot gave up, where it matters."""
        if self._who is not Who.SITE_ADMIN:
            return 1
        reader = await self._new_browser("Reader")
        return await telling.give_up(reader, self._callers.crew.adam, self._bus, self._messenger)

    async def _group(self, ids: dict[str, Any]) -> str:
        return await telling.bind_group(self.owner, ids["team"], self._messenger)

    async def _code(self, _: dict[str, Any]) -> str:
        telegram = next(_numbers)
        return (await self._bus.request(CreateTelegramCode(telegram=telegram))).code

    async def _token(self, _: dict[str, Any]) -> int:
        if self._who in (Who.ANONYMOUS, Who.SERVICE):
            return 1
        person = self._callers.person(self._who)
        return (await self._made(person, "/api/auth/tokens/", {"name": "Mine", "scope": "read"}))["token"]["id"]

    async def _session_id(self, _: dict[str, Any]) -> str:
        """One that the person does not use just now."""
        if self._who in (Who.ANONYMOUS, Who.SERVICE):
            return "0" * 16
        person = self._callers.person(self._who)
        await self._new_browser(user=person.user)
        sessions = (await person.get("/api/auth/sessions/")).body
        return next(session["id"] for session in sessions if not session["is_current"])

    async def change_something(self) -> None:
        """Something that whoever calls can take back, if they may change anything."""
        await self._callers.person(self._who).post("/api/tasks/", {"title": "Undone", "list": self._callers.crew.todo})

    async def _user(self, ids: dict[str, Any]) -> int:
        guest = await self._new_user("Guest")
        body = {"username": guest.username, "role": "member"}
        await self._made(self.owner, f"/api/teams/{ids['team']}/members/", body)
        return guest.id
