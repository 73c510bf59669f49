"""Faults on demand: what shall go wrong with the bot's next calls."""

import random
from enum import StrEnum
from typing import Annotated

import msgspec

from bot.simulator.errors import BotApiError
from schemas.base import Record

TOO_MANY = 429

_DESCRIPTIONS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    TOO_MANY: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Kind(StrEnum):
    REFUSE = "refuse"
    """Nothing is done, and the answer is an error: `code`, with `retry_after` for 429."""
    SLOW = "slow"
    """`seconds` pass before the call is looked at."""
    LOSE_CALL = "lose_call"
    """The connection breaks before anything is done."""
    LOSE_ANSWER = "lose_answer"
    """Everything is done, and then the connection breaks."""


class NewFault(Record, forbid_unknown_fields=True):
    """Which calls it strikes, and how."""

    kind: Kind
    method: str | None = None
    """In any case; None strikes every method but getUpdates."""
    chat: int | None = None
    """None strikes every chat, and calls that are about none."""
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """It is over after so many; None: it stays until it is cleared."""
    probability: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    seed: int | None = None
    """The same seed strikes the same calls, counted from the first that it could strike."""
    code: Annotated[int, msgspec.Meta(ge=400, le=599)] = TOO_MANY
    description: str | None = None
    """Telegram's usual words for the code, unless there are better ones."""
    retry_after: Annotated[int, msgspec.Meta(ge=1)] = 1
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0


class Fault(NewFault):
    """One that waits for its calls; `times` is how often it will still strike."""

    id: int
    struck: int = 0

    def error(self) -> BotApiError:
        usual = _DESCRIPTIONS.get(self.code, "Error")
        description = self.description or usual.format(retry_after=self.retry_after)
        return BotApiError(self.code, description, {"retry_after": self.retry_after} if self.code == TOO_MANY else None)

    def fits(self, method: str, chat: int | None) -> bool:
        if self.chat not in (None, chat):
            return False
        return method != "getupdates" if self.method is None else method == self.method.lower()


class Strike(Record):
    """What a call has to suffer: it waits `seconds`, and then `fault` does the rest."""

    seconds: float = 0.0
    fault: Fault | None = None


class Faults:
    """In the order in which they came: each slow one adds its time, and the first of the others ends the call."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._dice: dict[int, random.Random] = {}
        self._last_id = 0

    def all(self) -> list[Fault]:
        return list(self._faults.values())

    def add(self, new: NewFault) -> Fault:
        self._last_id += 1
        fault = Fault(id=self._last_id, **msgspec.structs.asdict(new))
        self._faults[fault.id] = fault
        self._dice[fault.id] = random.Random(new.seed)  # noqa: S311 - dice, not secrets
        return fault

    def clear(self, fault_id: int | None = None) -> bool:
        """One, or all; whether there was any."""
        gone = [fault_id] if fault_id in self._faults else [] if fault_id is not None else list(self._faults)
        for each in gone:
            del self._faults[each], self._dice[each]
        return bool(gone)

    def strike(self, method: str, chat: int | None) -> Strike:
        """`method` is in lower case. What strikes has struck, whatever becomes of the call."""
        seconds = 0.0
        for fault in self.all():
            if fault.fits(method, chat) and self._dice[fault.id].random() < fault.probability:
                self._count(fault)
                if fault.kind is not Kind.SLOW:
                    return Strike(seconds=seconds, fault=fault)
                seconds += fault.seconds
        return Strike(seconds=seconds)

    def _count(self, fault: Fault) -> None:
        if fault.times == 1:
            self.clear(fault.id)
            return
        left = fault.times and fault.times - 1
        self._faults[fault.id] = msgspec.structs.replace(fault, times=left, struck=fault.struck + 1)
