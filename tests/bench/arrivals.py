"""When people were told of tasks, wherever that was; the titles of tasks are the moments of their requests."""

from collections.abc import Mapping, Sequence

import msgspec

from tests.bench.latencies import percentile


class Arrival(msgspec.Struct):
    """Somebody was told of a task."""

    at: int
    """Nanoseconds since 1970."""
    alone: bool
    """Nothing else was told in the same message."""


Arrivals = Mapping[str, Arrival]
"""By the title of the task."""


class Told(msgspec.Struct):
    """What came of some assignments. Latencies are from the sending of the request to the message."""

    name: str
    assigned: int
    refused: int
    """Requests that failed; nobody is told of them."""
    told: int
    alone: int
    """So many in a message of their own."""
    per_second: float
    """Told, from the first of them to the last."""
    p50_ms: float
    p99_ms: float

    @property
    def errors(self) -> int:
        return self.refused + self.assigned - self.told


def told(name: str, titles: Sequence[str], arrivals: Arrivals, first: int | None = None) -> Told:
    """Of these tasks; an empty title is a request that failed. Of those told, only the `first` so many count."""
    assigned = [title for title in titles if title]
    came = sorted((arrivals[title].at, title) for title in assigned if title in arrivals)[:first]
    took = [(at - int(title)) / 1e6 for at, title in came]
    seconds = (came[-1][0] - came[0][0]) / 1e9 if came else 0.0
    return Told(
        name=name,
        assigned=len(assigned) if first is None else len(came),
        refused=len(titles) - len(assigned) if first is None else 0,
        told=len(came),
        alone=sum(arrivals[title].alone for _, title in came),
        per_second=(len(came) - 1) / seconds if seconds else 0.0,
        p50_ms=percentile(took, 50),
        p99_ms=percentile(took, 99),
    )
