from actors.sql.outbox import Place
from actors.task_store.receipts import Receipts
from schemas.ids import Seq, TeamId


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def place(first: int) -> Place:
    return (TeamId(7), Seq(first))


def test_what_went_out_together_arrives_together() -> None:
    receipts = Receipts(Clock())
    number = receipts.send([place(4), place(9)])
    assert receipts.knows(place(4))
    assert receipts.arrived_before(0.0) == []

    receipts.arrive(number)
    receipts.arrive(number)

    assert receipts.arrived_before(0.0) == [place(4), place(9)]
    assert receipts.knows(place(9))
    receipts.forget([place(4)])
    assert not receipts.knows(place(4))


def test_what_does_not_arrive_in_time_is_given_up_and_may_go_out_again() -> None:
    clock = Clock()
    receipts = Receipts(clock)
    lost = receipts.send([place(1)])
    clock.now = 10.0
    receipts.send([place(3)])

    assert receipts.give_up(moment=5.0)
    assert not receipts.give_up(moment=5.0)

    assert not receipts.knows(place(1))
    assert receipts.knows(place(3))
    receipts.arrive(lost)
    assert receipts.arrived_before(clock.now) == []


def test_what_was_sent_again_arrives_with_the_last_time() -> None:
    receipts = Receipts(Clock())
    first = receipts.send([place(1), place(2)])
    second = receipts.send([place(2)])

    receipts.arrive(first)
    assert receipts.arrived_before(0.0) == [place(1)]
    assert receipts.knows(place(2))

    receipts.arrive(second)
    assert receipts.arrived_before(0.0) == [place(1), place(2)]


def test_what_goes_out_again_after_it_arrived_is_under_way() -> None:
    receipts = Receipts(Clock())
    receipts.arrive(receipts.send([place(1)]))

    again = receipts.send([place(1)])

    assert receipts.arrived_before(0.0) == []
    receipts.arrive(again)
    assert receipts.arrived_before(0.0) == [place(1)]


def test_what_a_server_may_have_forgotten_counts_as_never_sent() -> None:
    receipts = Receipts(Clock())
    arrived, under_way = receipts.send([place(1)]), receipts.send([place(2)])
    receipts.arrive(arrived)

    receipts.doubt_everything()

    assert not receipts.knows(place(1))
    receipts.arrive(under_way)
    assert receipts.arrived_before(0.0) == []
