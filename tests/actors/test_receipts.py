from actors.sql.outbox import Waiting
from actors.task_store.receipts import Receipts
from schemas.ids import Seq, TeamId

TEAM = TeamId(7)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def event(seq: int, first: int) -> Waiting:
    return Waiting(TEAM, Seq(first), Seq(seq), "task.created", "{}", "")


def test_a_batch_has_arrived_when_the_last_of_its_events_has() -> None:
    receipts = Receipts(Clock())
    for seq in (4, 5, 6):
        receipts.send(event(seq, first=4))

    receipts.arrive(TEAM, Seq(6))
    receipts.arrive(TEAM, Seq(4))
    receipts.arrive(TEAM, Seq(4))
    assert receipts.arrived_before(0.0) == []
    receipts.arrive(TEAM, Seq(5))

    assert receipts.arrived_before(0.0) == [(TEAM, 4)]
    assert receipts.knows(event(5, first=4))
    receipts.forget([(TEAM, Seq(4))])
    assert not receipts.knows(event(5, first=4))


def test_what_does_not_arrive_in_time_is_given_up_and_may_go_out_again() -> None:
    clock = Clock()
    receipts = Receipts(clock)
    receipts.send(event(1, first=1))
    receipts.send(event(2, first=1))
    receipts.arrive(TEAM, Seq(1))
    clock.now = 10.0
    receipts.send(event(3, first=3))

    assert receipts.give_up(moment=5.0)
    assert not receipts.give_up(moment=5.0)

    assert not receipts.knows(event(2, first=1))
    assert receipts.knows(event(3, first=3))
    receipts.arrive(TEAM, Seq(2))
    assert receipts.arrived_before(clock.now) == []


def test_what_a_server_may_have_forgotten_counts_as_never_sent() -> None:
    receipts = Receipts(Clock())
    receipts.send(event(1, first=1))
    receipts.send(event(2, first=2))
    receipts.arrive(TEAM, Seq(1))

    receipts.doubt_everything()

    assert not receipts.knows(event(1, first=1))
    receipts.arrive(TEAM, Seq(2))
    assert receipts.arrived_before(0.0) == []
