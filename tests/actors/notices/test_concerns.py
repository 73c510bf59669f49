import pytest

from actors.notifier.concerns import Concern, concerned, for_groups
from schemas.base import TeamEvent
from schemas.clock import Lead
from schemas.ids import Seq, UserId
from schemas.notices import Kind
from tests.actors.notices.happened import (
    ANN,
    BOB,
    CID,
    DEE,
    assigned,
    commented,
    completed,
    due_soon,
    edited,
    overdue,
    said,
    task,
)

WATCHED = task(assignee=BOB, watchers=(CID, DEE))
NOBODYS = task(watchers=(CID,))

CASES: dict[str, tuple[TeamEvent, dict[UserId, Kind]]] = {
    "the new assignee and the one before": (assigned(ANN, BOB, CID), {BOB: Kind.ASSIGNED, CID: Kind.UNASSIGNED}),
    "whoever takes a task themselves is not told": (assigned(BOB, BOB, CID), {CID: Kind.UNASSIGNED}),
    "whoever gives a task back is not told": (assigned(CID, None, CID), {}),
    "the creator and the watchers of what is done": (
        completed(BOB, WATCHED),
        {ANN: Kind.COMPLETED, CID: Kind.COMPLETED, DEE: Kind.COMPLETED},
    ),
    "a watcher who did it is not told": (completed(CID, NOBODYS), {ANN: Kind.COMPLETED}),
    "who has an overdue task, and who watches it": (
        overdue(WATCHED),
        {BOB: Kind.OVERDUE, CID: Kind.OVERDUE, DEE: Kind.OVERDUE},
    ),
    "the creator of an overdue task that nobody has": (overdue(NOBODYS), {ANN: Kind.OVERDUE, CID: Kind.OVERDUE}),
    "who has a task that is due": (due_soon(task(assignee=BOB)), {BOB: Kind.DUE_SOON}),
    "those who are mentioned are not told a second time": (
        commented(WATCHED, said(ANN, CID)),
        {CID: Kind.MENTIONED, BOB: Kind.COMMENTED, DEE: Kind.COMMENTED},
    ),
    "whoever mentions themselves is not told": (commented(task(), said(ANN, ANN)), {}),
    "only those whom a changed comment mentions": (edited(WATCHED, said(ANN, CID)), {CID: Kind.MENTIONED}),
    "nobody, when something is taken back": (assigned(ANN, BOB, CID, undoes=Seq(3)), {}),
}


@pytest.mark.parametrize(("event", "told"), CASES.values(), ids=CASES)
def test_an_event_concerns(event: TeamEvent, told: dict[UserId, Kind]) -> None:
    assert concerned(event) == told


def test_a_group_hears_of_everybodys_acts() -> None:
    assert for_groups(assigned(BOB, BOB)) == [Concern(BOB, Kind.ASSIGNED)]
    assert for_groups(completed(ANN, task())) == [Concern(ANN, Kind.COMPLETED)]


def test_a_group_hears_of_a_comment_even_when_it_concerns_nobody_else() -> None:
    kinds = [concern.kind for concern in for_groups(commented(WATCHED, said(ANN, CID)))]

    assert kinds[0] is Kind.MENTIONED
    assert Kind.COMMENTED in kinds
    assert for_groups(commented(task(), said(ANN))) == [Concern(ANN, Kind.COMMENTED)]


def test_a_group_hears_only_once_that_a_deadline_comes_near() -> None:
    heard = [lead for lead in Lead if for_groups(due_soon(WATCHED, lead))]

    assert heard == [Lead.ONE_HOUR]


def test_a_group_hears_nothing_of_what_is_taken_back() -> None:
    assert for_groups(assigned(ANN, BOB, undoes=Seq(3))) == []
