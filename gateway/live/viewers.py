"""The viewers of one board, as far as is known here, and what was told of them last."""

from gateway.live.frames import control_frame
from schemas.ids import UserId
from schemas.presence import Viewer
from schemas.sockets import Viewers

MOST = 50
"""Who are named; of the others it is said how many they are."""


class ViewerList:
    """Who has one board open, as far as is known here."""

    def __init__(self) -> None:
        self.frame = b""
        """What the lines were told last; empty while nobody knows."""
        self.asked_at: float | None = None
        self._meanwhile: dict[UserId, bool | None] | None = None
        """What was heard since it was asked: newer than the answer. None while nothing is asked."""
        self._viewers: dict[UserId, bool] = {}
        self._told: Viewers | None = None
        self._is_known = False
        self._is_new = False

    def ask(self, at: float) -> None:
        """It is being asked; whoever doubts meanwhile sets `asked_at` to None again."""
        self.asked_at, self._meanwhile = at, {}

    def fail(self) -> None:
        """There is no answer."""
        self.asked_at, self._meanwhile = None, None

    def is_older_than(self, moment: float) -> bool:
        return self.asked_at is None or self.asked_at < moment

    def put(self, user: UserId, *, is_active: bool | None) -> None:
        """Somebody is there, active or not, or no longer."""
        if self._meanwhile is not None:
            self._meanwhile[user] = is_active
        if is_active is None:
            self._viewers.pop(user, None)
        else:
            self._viewers[user] = is_active
        self._is_new = self._is_known

    def begin(self, found: list[Viewer]) -> None:
        """The answer has come."""
        self._viewers = {viewer.user: viewer.is_active for viewer in found}
        heard, self._meanwhile = self._meanwhile or {}, None
        self._is_known = self._is_new = True
        for user, is_active in heard.items():
            self.put(user, is_active=is_active)

    def news(self) -> bytes:
        """What to tell; empty when there is nothing new."""
        if not self._is_new:
            return b""
        self._is_new = False
        viewers = self._as_told()
        if viewers == self._told:
            return b""
        self._told, self.frame = viewers, control_frame(viewers)
        return self.frame

    def _as_told(self) -> Viewers:
        """The active ones first."""
        order = sorted(self._viewers.items(), key=lambda one: (not one[1], one[0]))
        named = tuple(Viewer(user=user, is_active=is_active) for user, is_active in order[:MOST])
        return Viewers(viewers=named, more=len(order) - len(named))
