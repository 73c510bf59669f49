"""The stateful test's machine: asks the store and the model the same, and compares what both say and show."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from infra.bus import Bus
from schemas.errors import BusError, ErrorCode
from schemas.history import Board, GetBoard
from schemas.ids import ListId, UserId
from schemas.labels import CreateLabel
from schemas.lists import CreateList
from schemas.members import AddMember, MemberRole, Person
from schemas.search import GetTask
from schemas.tasks import CreateTask
from schemas.teams import CreateTeam
from tests.actors.conftest import new_person
from tests.fuzz.model.state import Key, Refused, Team
from tests.fuzz.model.undo import Model
from tests.fuzz.shown import assert_same, expected, read_again, shown, standing

NOBODY = 2**52
"""The id of nothing."""

WHO = st.sampled_from([0, 0, 1, 2, 2, 3, 4])
"""Ann owns the team, Adam is an admin, Bob a member, Vera a viewer, and Olga not in it: at first."""
PICK = st.integers(0, 23)
OFF = st.sampled_from([None, None, None, None, 0, 0, -1, 1])
"""By how much a version that is sent differs from the one that is."""


def said(command: Any) -> str:
    """A command, short enough to read many of them."""
    given = {name: value for name, value in msgspec.to_builtins(command).items() if value not in (None, (), [], "")}
    return f"{type(command).__name__} {given}"


def id_of(answer: Any) -> int:
    """Of what was created; when it was not, the model must not need it."""
    return 0 if isinstance(answer, BusError) else answer.id


class World:
    """The store, for a thread that is not the loop's; and another team, whose things are nobody's business here."""

    def __init__(self, bus: Bus, loop: asyncio.AbstractEventLoop) -> None:
        self._bus = bus
        self._loop = loop
        owner = new_person("Eve")
        team = self.must(CreateTeam(by=owner.user, name="Others", person=owner))
        row = self.must(CreateList(by=owner.user, team=team.id, name="Theirs"))
        task = self.must(CreateTask(by=owner.user, list=row.id, title="Theirs"))
        label = self.must(CreateLabel(by=owner.user, team=team.id, name="Theirs", colour="#000000"))
        self.theirs = {"list": row.id, "task": task.id, "label": label.id, "comment": NOBODY, "invite": NOBODY}

    def ask(self, command: Any) -> Any:
        """The answer, or the BusError."""
        return asyncio.run_coroutine_threadsafe(self._ask(command), self._loop).result()

    async def _ask(self, command: Any) -> Any:
        try:
            return await self._bus.request(command, timeout=20)
        except BusError as error:
            return error

    def must(self, command: Any) -> Any:
        answer = self.ask(command)
        assert not isinstance(answer, BusError), (command, answer)
        return answer


class Machine(RuleBasedStateMachine):
    """What the rules stand on."""

    world: ClassVar[World]
    boards: Sequence[Board] = ()
    is_shown = False
    """Whether the last of the boards is the one of now."""
    crew: ClassVar[tuple[int, ...]] = (0, 1, 2, 3, 4, 5)
    """Who of the people does something."""

    @initialize()
    def found(self) -> None:
        self.people = [new_person(name) for name in ("Ann", "Adam", "Bob", "Vera", "Olga", "Gus")]
        ann = self.people[0]
        self.team = self.world.must(CreateTeam(by=ann.user, name="Crew", person=ann)).id
        self.model = Model()
        self.model.things["team", 0] = Team("Crew")
        self.model.things["member", ann.user] = MemberRole.OWNER
        self.boards = []
        for person, role in zip(
            self.people[1:4], (MemberRole.ADMIN, MemberRole.MEMBER, MemberRole.VIEWER), strict=True
        ):
            self.join(ann.user, person, role)
        self.furnish()

    def join(self, by: int, person: Person, role: MemberRole) -> None:
        command = AddMember(by=UserId(by), team=self.team, person=person, role=role)
        self.do(command, lambda _: self.model.add_member(by, person.user, role))

    def furnish(self) -> None:
        """Two lists, some tasks in the first."""
        bob = self.people[2].user
        for name in ("To do", "Done"):
            row = CreateList(by=bob, team=self.team, name=name)
            self.do(row, lambda made, row=row: self.model.create_list(bob, id_of(made), row.name))
        for number in range(4):
            task = CreateTask(by=bob, list=ListId(next(iter(self.model.of("list")))), title=f"Task {number}")
            fields = {"title": task.title}
            self.do(
                task, lambda made, at=task.list, fields=fields: self.model.create_task(bob, id_of(made), at, fields)
            )

    # What rules are made of

    def user(self, who: int) -> UserId:
        return self.people[self.crew[who % len(self.crew)]].user

    def pick(self, noun: str, number: int) -> Any:
        """One of the things of a kind, in the trash or not; now and then one of others, or nothing."""
        known = [*self.model.of(noun)]
        if number == 0:
            return self.world.theirs[noun]
        return known[number % len(known)] if known and number > 1 else NOBODY

    def version(self, noun: str, number: int, off: int | None) -> int | None:
        thing = self.model.things.get((noun, number))
        return None if off is None or thing is None else max(1, thing.version + off)

    def do(self, command: Any, act: Callable[[Any], None], *, undoes: bool = False, replaces: bool = False) -> None:
        """Ask both; `act` gets the store's answer, for the ids in it.

        With `replaces` something may come to stand elsewhere, and only the store knows where.
        """
        self.asked = said(command)
        note(self.asked)
        answer = self.world.ask(command)
        count = len(self.model.changes)
        try:
            with self.model.change(command.by, undoes=undoes) as before:
                act(answer)
                if not isinstance(answer, BusError) and replaces:
                    self._adopt_places(before)
        except Refused as refused:
            self._assert_refused(answer, refused)
        else:
            assert not isinstance(answer, BusError), f"the store says no: {answer!r}"
        if self.is_shown and len(self.model.changes) > count:
            self.model.changes[-1].shown_before = shown(self.boards[-1])
        self.is_shown = False

    @staticmethod
    def _assert_refused(answer: Any, refused: Refused) -> None:
        assert isinstance(answer, BusError), f"the store should say {refused!r}"
        assert answer.code is refused.code, (answer, refused)
        if refused.field is not None:
            assert answer.field == refused.field, (answer, refused)
        if refused.current is not None:
            assert answer.code is ErrorCode.CONFLICT
            assert msgspec.json.decode(answer.current)["version"] == refused.current

    def board(self) -> Board:
        """As an owner sees it."""
        return self.world.must(GetBoard(by=self._owner(), team=self.team))

    def _adopt_places(self, before: dict[Key, Any]) -> None:
        """What changed stands where the store put it; all others stand in the order in which they stood."""
        board, touched = self.board(), self.model.touched(before)
        self._compare(standing(board.lists), self.model.columns, [n for noun, n in touched if noun == "list"])
        self.model.columns = standing(board.lists)
        for row in board.lists:
            self.model.things["list", row.id].version = row.version
            cards = self._cards(board, row.id)
            self._compare(cards, self.model.cards[row.id], [n for noun, n in touched if noun == "task"])
            self.model.cards[row.id] = cards

    @staticmethod
    def _compare(store: list[int], model: list[int], but: list[int]) -> None:
        assert {*store} == {*model}
        assert [n for n in store if n not in but] == [n for n in model if n not in but]

    def _cards(self, board: Board, list_id: int) -> list[int]:
        """The tasks of a list, those that are put away too."""
        away = [n for n, card in self.model.of("task").items() if card.list == list_id and card.archived]
        owner = self._owner()
        tasks = [self.world.must(GetTask(by=owner, task=n)) for n in away if not self.model.things["task", n].deleted]
        return standing([*tasks, *(task for task in board.tasks if task.list == list_id)])

    def _owner(self) -> UserId:
        return UserId(next(user for user, role in self.model.of("member").items() if role == MemberRole.OWNER))

    @invariant()
    def the_board_is_as_the_model_says(self) -> None:
        if not hasattr(self, "model") or self.model.things["team", 0].deleted:
            return
        board = self.board()
        assert_same(shown(board), expected(self.model), f"after {self.asked}")
        self.boards = [*self.boards, board]
        self.is_shown = True

    def teardown(self) -> None:
        """In the end the history is read again, if nothing was wrong before."""
        if sys.exc_info()[0] is None and self.boards and not self.model.things["team", 0].deleted:
            read_again(self.world.must, self._owner(), self.boards)
