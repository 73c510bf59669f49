"""Receipts: what went out to the stream together, and since when each batch of the outbox is known to have arrived."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from actors.sql.outbox import Place


class _Sending(NamedTuple):
    places: list[Place]
    sent_at: float


class Receipts:
    """Places in the outbox, under way together under one number, and arrived. Times are those of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sendings: dict[int, _Sending] = {}
        self._under_way: dict[Place, int] = {}
        self._arrived: dict[Place, float] = {}
        self._last = 0

    def send(self, places: Iterable[Place]) -> int:
        """They go out together; returns their number, which never comes again."""
        self._last += 1
        sending = self._sendings[self._last] = _Sending([*places], self._clock())
        self.forget(sending.places)
        self._under_way.update(dict.fromkeys(sending.places, self._last))
        return self._last

    def arrive(self, number: int) -> None:
        """All that has this number was stored."""
        if (sending := self._sendings.pop(number, None)) is not None:
            now = self._clock()
            self._arrived.update(dict.fromkeys(self._landed(number, sending), now))

    def _landed(self, number: int, sending: _Sending) -> list[Place]:
        """Those of its places that were not sent again meanwhile."""
        places = [place for place in sending.places if self._under_way.get(place) == number]
        for place in places:
            del self._under_way[place]
        return places

    def knows(self, place: Place) -> bool:
        """Whether it is under way or has arrived."""
        return place in self._under_way or place in self._arrived

    def arrived_before(self, moment: float) -> list[Place]:
        """The places that had arrived by then."""
        return [place for place, at in self._arrived.items() if at <= moment]

    def forget(self, places: list[Place]) -> None:
        for place in places:
            self._arrived.pop(place, None)

    def give_up(self, moment: float) -> bool:
        """Forget what went out by then and did not arrive; True when there was any."""
        lost = {number: sending for number, sending in self._sendings.items() if sending.sent_at <= moment}
        for number, sending in lost.items():
            del self._sendings[number]
            self._landed(number, sending)
        return bool(lost)

    def doubt_everything(self) -> None:
        """The server may have forgotten what it acknowledged."""
        self._sendings.clear()
        self._under_way.clear()
        self._arrived.clear()
