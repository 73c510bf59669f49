"""What may be sent when, by a clock that the tests turn."""

from bot.outbound.limits import Limits, Rates
from schemas.ids import ChatId

ANN, BOB, GROUP = ChatId(1), ChatId(2), ChatId(-1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def sent_within(limits: Limits, clock: Clock, chat: ChatId, seconds: float) -> int:
    """How many go to a chat if it gets all that it may."""
    until, count = clock.now + seconds, 0
    while (wait := limits.wait(chat)) + clock.now < until:
        clock.now += wait
        clock.now += limits.take(chat)
        count += 1
    return count


def test_a_person_gets_one_message_a_second() -> None:
    clock = Clock()
    limits = Limits(clock=clock)

    assert limits.wait(ANN) == 0
    limits.take(ANN)
    assert limits.wait(ANN) == 1
    assert limits.wait(BOB) == 0


def test_a_group_gets_twenty_messages_within_any_minute() -> None:
    clock = Clock()
    limits = Limits(clock=clock)

    assert sent_within(limits, clock, GROUP, 60) <= 20
    assert sent_within(limits, clock, GROUP, 60) >= 14


def test_all_together_get_thirty_messages_a_second() -> None:
    limits = Limits(clock=Clock())

    waits = [limits.take(ChatId(number)) for number in range(1, 62)]

    assert waits[0] == 0
    assert waits[-1] == 2.0


def test_what_was_not_sent_costs_nothing() -> None:
    limits = Limits(clock=Clock())
    limits.take(ANN)
    limits.give_back(ANN)

    assert limits.wait(ANN) == 0
    assert limits.take(BOB) == 0


def test_silence_in_a_group_is_its_own_and_elsewhere_everybodys() -> None:
    clock = Clock()
    limits = Limits(clock=clock)
    limits.obey(GROUP, 40)
    assert (limits.wait(GROUP), limits.wait(ANN)) == (40, 0)

    limits.obey(ANN, 7)
    assert (limits.wait(GROUP), limits.wait(ANN), limits.wait(BOB)) == (40, 7, 7)
    clock.now += 7
    assert limits.wait(BOB) == 0


def test_a_chat_that_is_forgotten_is_as_it_was() -> None:
    clock = Clock()
    limits = Limits(Rates(private=0.1), clock)
    limits.take(ANN)
    limits.forget()
    assert limits.wait(ANN) == 10

    clock.now += 10
    limits.forget()
    assert limits.wait(ANN) == 0
