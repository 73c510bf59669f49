"""The rules of tasks, which have the most commands."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec import UNSET

from schemas.errors import BusError
from schemas.tasks import (
    AddItem,
    ArchiveTask,
    AssignTask,
    ChangeItem,
    ChangeTasks,
    CompleteTask,
    CreateTask,
    MoveItem,
    Priority,
    RemoveItem,
    ReopenTask,
    TaskFields,
    UnarchiveTask,
    UnwatchTask,
    UpdateTask,
    WatchTask,
)
from tests.fuzz.machine import OFF, PICK, WHO, Machine, id_of

TITLES = st.sampled_from(["Buy paper", " Buy paper ", "Купить бумагу"])
MOMENTS = st.sampled_from([None, datetime(2030, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": TITLES,
        "description": st.sampled_from(["", "*Recycled*"]),
        "assignee": WHO | st.none(),
        "priority": st.sampled_from(Priority),
        "labels": st.lists(PICK, max_size=2),
        "start_at": MOMENTS,
        "due_at": MOMENTS,
        "list": PICK,
        "is_done": st.booleans(),
    },
)
MODEL_NAMES = {
    "is_done": "done",
    "is_archived": "archived",
    "is_deleted": "deleted",
    "add_labels": "add",
    "remove_labels": "remove",
}
STATES = {
    CompleteTask: {"done": True},
    ReopenTask: {"done": False},
    ArchiveTask: {"archived": True},
    UnarchiveTask: {"archived": False},
}


class TaskRules(Machine):
    def fields(self, drawn: dict[str, Any], *left_out: str) -> dict[str, Any]:
        """What was drawn, with ids for the numbers."""
        given = {name: value for name, value in drawn.items() if name not in left_out}
        if given.get("assignee") is not None:
            given["assignee"] = self.user(given["assignee"])
        if "list" in given:
            given["list"] = self.pick("list", given["list"])
        for name in given.keys() & {"labels", "add_labels", "remove_labels"}:
            given[name] = tuple(self.pick("label", number) for number in given[name])
        return given

    @staticmethod
    def of_model(given: dict[str, Any]) -> dict[str, Any]:
        """The same as the model calls it."""
        fields = {MODEL_NAMES.get(name, name): value for name, value in given.items()}
        if "title" in fields:
            fields["title"] = fields["title"].strip()
        return {name: frozenset(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    @rule(who=WHO, which=PICK, title=TITLES, drawn=FIELDS)
    def create_task(self, who: int, which: int, title: str, drawn: dict[str, Any]) -> None:
        given = {"title": title} | self.fields(drawn, "list", "is_done", "title")
        command = CreateTask(by=self.user(who), list=self.pick("list", which), **given)
        fields = self.of_model(given)
        self.do(command, lambda made: self.model.create_task(command.by, id_of(made), command.list, fields))

    @rule(who=WHO, which=PICK, drawn=FIELDS, off=OFF)
    def update_task(self, who: int, which: int, drawn: dict[str, Any], off: int | None) -> None:
        task, given = self.pick("task", which), self.fields(drawn)
        command = UpdateTask(by=self.user(who), task=task, version=self.version("task", task, off), **given)
        fields = self.of_model(given)
        self.do(command, lambda _: self.model.update_task(command.by, task, fields, command.version))

    @rule(who=WHO, which=PICK, to=WHO | st.none(), off=OFF)
    def assign_task(self, who: int, which: int, to: int | None, off: int | None) -> None:
        task, assignee = self.pick("task", which), None if to is None else self.user(to)
        version = self.version("task", task, off)
        command = AssignTask(by=self.user(who), task=task, assignee=assignee, version=version)
        self.do(command, lambda _: self.model.update_task(command.by, task, {"assignee": assignee}, version))

    @rule(who=WHO, which=PICK, kind=st.sampled_from([*STATES]), off=OFF)
    def change_state(self, who: int, which: int, kind: Any, off: int | None) -> None:
        task = self.pick("task", which)
        command = kind(by=self.user(who), task=task, version=self.version("task", task, off))
        self.do(command, lambda _: self.model.update_task(command.by, task, STATES[kind], command.version))

    @rule(who=WHO, which=PICK, kind=st.sampled_from([WatchTask, UnwatchTask]), off=OFF)
    def watch_task(self, who: int, which: int, kind: Any, off: int | None) -> None:
        task = self.pick("task", which)
        version, watches = self.version("task", task, off), kind is WatchTask
        command = kind(by=self.user(who), task=task, version=version)
        self.do(command, lambda _: self.model.watch_task(command.by, task, watches=watches, version=version))

    @rule(
        who=WHO,
        several=st.lists(PICK, min_size=1, max_size=4),
        drawn=FIELDS,
        more=st.fixed_dictionaries(
            {},
            optional={
                "add_labels": st.lists(PICK, max_size=2),
                "remove_labels": st.lists(PICK, max_size=2),
                "is_archived": st.booleans(),
                "is_deleted": st.booleans(),
            },
        ),
    )
    def change_tasks(self, who: int, several: list[int], drawn: dict[str, Any], more: dict[str, Any]) -> None:
        tasks = tuple(self.pick("task", which) for which in several)
        given = self.fields(drawn | more, "title", "description", "labels")
        command = ChangeTasks(by=self.user(who), team=self.team, tasks=tasks, fields=TaskFields(**given))
        fields = self.of_model(given)
        self.do(command, lambda _: self.model.change_tasks(command.by, [*tasks], fields), replaces=True)


class ChecklistRules(Machine):
    def item(self, task: int, number: int) -> int:
        """One of the items of a task; now and then none of them."""
        card = self.model.things.get(("task", task))
        names = [name for name, _, _ in card.checklist] if card else []
        return names[number % len(names)] if names and number else 2**52

    @rule(who=WHO, which=PICK, text=TITLES)
    def add_item(self, who: int, which: int, text: str) -> None:
        command = AddItem(by=self.user(who), task=self.pick("task", which), text=text)

        def act(answer: Any) -> None:
            item = 0 if isinstance(answer, BusError) else answer.checklist[-1].id
            self.model.add_item(command.by, command.task, item, text)

        self.do(command, act)

    @rule(who=WHO, which=PICK, number=PICK, text=TITLES | st.none(), is_done=st.none() | st.booleans())
    def change_item(self, who: int, which: int, number: int, text: str | None, is_done: bool | None) -> None:  # noqa: FBT001
        task = self.pick("task", which)
        item, said, done = self.item(task, number), text or UNSET, UNSET if is_done is None else is_done
        command = ChangeItem(by=self.user(who), task=task, item=item, text=said, is_done=done)
        self.do(command, lambda _: self.model.change_item(command.by, task, item, text, is_done))

    @rule(who=WHO, which=PICK, number=PICK, before=PICK | st.none())
    def move_item(self, who: int, which: int, number: int, before: int | None) -> None:
        task = self.pick("task", which)
        item, target = self.item(task, number), None if before is None else self.item(task, before)
        command = MoveItem(by=self.user(who), task=task, item=item, before=target)
        self.do(command, lambda _: self.model.move_item(command.by, task, item, target))

    @rule(who=WHO, which=PICK, number=PICK)
    def remove_item(self, who: int, which: int, number: int) -> None:
        task = self.pick("task", which)
        command = RemoveItem(by=self.user(who), task=task, item=self.item(task, number))
        self.do(command, lambda _: self.model.remove_item(command.by, task, command.item))
