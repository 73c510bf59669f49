"""The rules of where tasks stand."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from schemas.ids import TaskId
from schemas.tasks import CreateTask, DeleteTask, MoveTask, RestoreTask
from tests.fuzz.machine import OFF, PICK, WHO, Machine, id_of

TITLES = st.sampled_from(["Buy paper", " Buy paper ", "Купить бумагу"])


class PlaceRules(Machine):
    """Where tasks stand, the trash being one of the places."""

    @rule(who=WHO, which=PICK, title=TITLES)
    def create_plain_task(self, who: int, which: int, title: str) -> None:
        self.carry_out(CreateTask(by=self.user(who), list=self.pick("list", which), title=title))

    @rule(who=WHO, which=PICK, to=PICK, before=PICK | st.none(), off=OFF)
    def move_task(self, who: int, which: int, to: int, before: int | None, off: int | None) -> None:
        task, target = self.pick("task", which), None if before is None else self.pick("task", before)
        anchor = self.model.things.get(("task", target or 0))
        # A task to stand before is mostly meant where it stands.
        row = self.pick("list", to) if anchor is None or to < 4 else anchor.list
        version = self.version("task", task, off)
        command = MoveTask(by=self.user(who), task=task, list=row, before=target, version=version)
        self.do(command, lambda _: self.model.move_task(command.by, task, row, target, version))

    @rule(who=WHO, which=PICK, place=PICK)
    def step_down(self, who: int, which: int, place: int) -> None:
        """A task changes places with the one below it."""
        row = self.pick("list", which)
        order = self.model.cards.get(row, [])
        if len(order) > 2:
            place %= len(order) - 2
            task, target = TaskId(order[place]), TaskId(order[place + 2])
            command = MoveTask(by=self.user(who), task=task, list=row, before=target)
            self.do(command, lambda _: self.model.move_task(command.by, task, row, target, None))

    @rule(who=WHO, which=PICK, off=OFF)
    def delete_task(self, who: int, which: int, off: int | None) -> None:
        task = self.pick("task", which)
        self.carry_out(DeleteTask(by=self.user(who), task=task, version=self.version("task", task, off)))

    @rule(who=WHO, which=PICK)
    def restore_task(self, who: int, which: int) -> None:
        self.carry_out(RestoreTask(by=self.user(who), task=self.pick("task", which)))

    def carry_out(self, command: CreateTask | DeleteTask | RestoreTask) -> None:
        match command:
            case CreateTask():
                fields = {"title": command.title.strip()}
                self.do(command, lambda made: self.model.create_task(command.by, id_of(made), command.list, fields))
            case DeleteTask():
                self.do(command, lambda _: self.model.delete_task(command.by, command.task, command.version))
            case RestoreTask():
                self.do(command, lambda _: self.model.restore_task(command.by, command.task), replaces=True)

    @rule(who=WHO, which=PICK)
    def put_another_in_its_place(self, who: int, which: int) -> None:
        """The last task of a list goes into the trash; while it is there, another one becomes the last."""
        row = self.pick("list", which)
        if not self.model.cards.get(row):
            return
        by, last = self.user(who), TaskId(self.model.cards[row][-1])
        for command in (
            DeleteTask(by=by, task=last),
            CreateTask(by=by, list=row, title="Instead"),
            RestoreTask(by=by, task=last),
        ):
            self.carry_out(command)
