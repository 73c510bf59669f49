"""Addresses of the web client, for those who can follow them."""

import html
from urllib.parse import urlsplit

from infra.config import Settings
from schemas.ids import TaskId, TeamId

_ONLY_HERE = frozenset({"localhost", "127.0.0.1", "::1", None})


class Links:
    """Where tasks are in the browser; nowhere while nobody has said what the address is."""

    def __init__(self, public_url: str = "") -> None:
        self._base = public_url.rstrip("/")

    @classmethod
    def of(cls, settings: Settings) -> "Links":
        """Telegram refuses buttons that lead to somebody's own machine; the simulator does not."""
        reachable = settings.telegram_api_base or urlsplit(settings.public_url).hostname not in _ONLY_HERE
        return cls(settings.public_url if reachable else "")

    def task(self, team: TeamId, task: TaskId) -> str | None:
        return f"{self._base}/teams/{team}?task={task}" if self._base else None

    def team(self, team: TeamId) -> str | None:
        return f"{self._base}/teams/{team}" if self._base else None

    def profile(self) -> str | None:
        return f"{self._base}/profile" if self._base else None

    def number(self, team: TeamId, task: TaskId) -> str:
        """`#42`, as Telegram's HTML: a link where there is an address."""
        url = self.task(team, task)
        return f'<a href="{html.escape(url)}">#{task}</a>' if url else f"#{task}"
