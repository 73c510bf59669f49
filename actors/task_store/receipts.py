"""Receipts: which batches of events are under way to the stream, and since when each is known to have arrived."""

from collections.abc import Callable

from actors.sql.outbox import Place, Waiting
from schemas.ids import Seq, TeamId


class _Batch:
    __slots__ = ("missing", "place", "sent_at")

    def __init__(self, place: Place, sent_at: float) -> None:
        self.place = place
        self.sent_at = sent_at
        self.missing: set[Seq] = set()


class Receipts:
    """Counts acknowledgements: a batch has arrived when all of its events have. Times are those of `clock`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._under_way: dict[Place, _Batch] = {}
        self._batch_of: dict[Place, _Batch] = {}
        self._arrived: dict[Place, float] = {}

    def send(self, event: Waiting) -> None:
        """An event goes out."""
        place = (event.team, event.first)
        batch = self._under_way.get(place)
        if batch is None:
            batch = self._under_way[place] = _Batch(place, self._clock())
        batch.missing.add(event.seq)
        self._batch_of[event.team, event.seq] = batch

    def arrive(self, team: TeamId, seq: Seq) -> None:
        """An event was acknowledged."""
        batch = self._batch_of.pop((team, seq), None)
        if batch is None:
            return
        batch.missing.discard(seq)
        if not batch.missing and self._under_way.pop(batch.place, None) is batch:
            self._arrived[batch.place] = self._clock()

    def knows(self, event: Waiting) -> bool:
        """Whether its batch is under way or has arrived."""
        place = (event.team, event.first)
        return place in self._under_way or place in self._arrived

    def arrived_before(self, moment: float) -> list[Place]:
        """The batches that had arrived by then."""
        return [place for place, at in self._arrived.items() if at <= moment]

    def forget(self, places: list[Place]) -> None:
        for place in places:
            self._arrived.pop(place, None)

    def give_up(self, moment: float) -> bool:
        """Forget the batches that went out by then and did not arrive; True when there were any."""
        lost = [batch for batch in self._under_way.values() if batch.sent_at <= moment]
        for batch in lost:
            del self._under_way[batch.place]
            for seq in batch.missing:
                self._batch_of.pop((batch.place[0], seq), None)
        return bool(lost)

    def doubt_everything(self) -> None:
        """The server may have forgotten what it acknowledged."""
        self._under_way.clear()
        self._batch_of.clear()
        self._arrived.clear()
