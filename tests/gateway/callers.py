"""Everybody in the matrix, and the things that they reach for."""

from typing import Any

from gateway.api import Route
from tests.conftest import NewUser
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew
from tests.gateway.matrix import Who


class Callers:
    """One of each; new ones for every route, since some calls end the session that they come from."""

    def __init__(self, crew: Crew, browsers: dict[Who, Browser], headers: dict[Who, dict[str, str]]) -> None:
        self.crew = crew
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

    def __init__(self, callers: Callers, who: Who, new_user: NewUser) -> None:
        self._callers = callers
        self._who = who
        self._new_user = new_user
        self.owner = callers.crew.ann

    async def ids_of(self, route: Route) -> dict[str, Any]:
        """What stands in the path, and in a body under the same name."""
        crew = self._callers.crew
        await crew.build()
        ids: dict[str, Any] = {"team": crew.team, "list": crew.todo}
        named = {"tasks", "username", "to"} & {*(route.body.__struct_fields__ if route.body else ())}
        for name in (*[parameter.name for parameter in route.ids], *sorted(named)):
            if make := getattr(self, f"_{name}", None):
                ids[name] = await make(ids)
        return ids

    async def _made(self, browser: Browser, path: str, body: Any) -> Any:
        answer = await browser.post(path, body)
        assert answer.status == 201, answer
        return answer.body

    async def _tasks(self, _: dict[str, Any]) -> list[int]:
        return [await self._callers.crew.task(), await self._callers.crew.task()]

    async def _username(self, _: dict[str, Any]) -> str:
        return (await self._new_user("Max")).username

    async def _task(self, _: dict[str, Any]) -> int:
        return await self._callers.crew.task()

    async def _item(self, ids: dict[str, Any]) -> int:
        task = await self._made(self.owner, f"/api/tasks/{ids['task']}/checklist/", {"text": "Step"})
        return task["checklist"][0]["id"]

    async def _label(self, ids: dict[str, Any]) -> int:
        return (await self._made(self.owner, f"/api/teams/{ids['team']}/labels/", {"name": "L", "colour": "#112233"}))[
            "id"
        ]

    async def _comment(self, _: dict[str, Any]) -> int:
        task = await self._callers.crew.task()
        return (await self._made(self._callers.crew.ben, f"/api/tasks/{task}/comments/", {"text": "Mine"}))["id"]

    async def _filter(self, _: dict[str, Any]) -> int:
        if self._who in (Who.ANONYMOUS, Who.SERVICE):
            return 1
        person = self._callers.person(self._who)
        return (await self._made(person, "/api/filters/", {"name": "Mine", "filter": {"mine": True}}))["id"]

    async def change_something(self) -> None:
        """Something that whoever calls can take back, if they may change anything."""
        await self._callers.person(self._who).post("/api/tasks/", {"title": "Undone", "list": self._callers.crew.todo})

    async def _user(self, ids: dict[str, Any]) -> int:
        guest = await self._new_user("Guest")
        body = {"username": guest.username, "role": "member"}
        await self._made(self.owner, f"/api/teams/{ids['team']}/members/", body)
        return guest.id
