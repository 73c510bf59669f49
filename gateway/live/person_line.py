"""The line of one of a person's pages: what they are told, in their language, and what it is known to have shown."""

from collections.abc import Callable
from time import monotonic

from gateway.access.door import Proof
from gateway.auth import Caller
from gateway.live.line import Line
from schemas.accounts import Language, TimeZone
from schemas.ids import NoticeId
from schemas.presence import IDLE_SECONDS, ONLINE_SECONDS
from schemas.sockets import Heartbeat

Show = Callable[[tuple[NoticeId, ...]], None]


class PersonLine(Line):
    """What one person is told.

    A page of ours says in its heartbeats whether it can be seen, and acknowledges what it shows. Older clients do
    neither: for them, `shown` is called once a notice has gone out to a page that was alive lately.
    """

    def __init__(self, caller: Caller, proof: Proof, browser: Language, shown: Show) -> None:
        """`browser` is the language that the browser prefers, for those whose account names none."""
        super().__init__(caller, proof)
        self._browser = browser
        self._shown = shown
        self._acknowledges = False
        self._heard_at: float | None = None
        self._going_out: tuple[NoticeId, ...] = ()
        self.language: Language
        self.time_zone: TimeZone
        self.speak(caller.language, caller.time_zone)

    def speak(self, language: Language | None, time_zone: TimeZone) -> None:
        """As their account says now."""
        self.language, self.time_zone = language or self._browser, time_zone

    def beat(self, heartbeat: Heartbeat) -> bool:
        """The page is there; whether somebody would see a toast on it."""
        self._heard_at = monotonic()
        self._acknowledges |= heartbeat.visible is not None
        return heartbeat.visible is not False and (heartbeat.idle or 0) < IDLE_SECONDS

    def notify(self, frame: bytes, notices: tuple[NoticeId, ...]) -> None:
        """Send a frame that shows these."""
        if self.code:
            return
        if self._is_alive and not self._acknowledges:
            self._going_out += notices
        self.say(frame)
        if self._is_free:
            self.emptied()

    def emptied(self) -> None:
        notices, self._going_out = self._going_out, ()
        if notices and not self.code:
            self._shown(notices)

    @property
    def _is_alive(self) -> bool:
        return self._heard_at is not None and monotonic() - self._heard_at < ONLINE_SECONDS
