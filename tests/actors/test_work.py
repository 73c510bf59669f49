from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from infra.bus import Bus
from schemas.comments import AddComment, DeleteComment, EditComment, ListComments
from schemas.errors import BusError, ErrorCode
from schemas.ids import LabelId, Seq
from schemas.labels import CreateLabel, DeleteLabel, Label, UpdateLabel
from schemas.lists import UpdateList
from schemas.replay import ReplayEvents
from schemas.search import GetTask, ListTasks, TaskFilter
from schemas.tasks import (
    AddItem,
    ArchiveTask,
    ChangeItem,
    ChangeTasks,
    CompleteTask,
    CreateTask,
    MoveItem,
    MoveTask,
    Priority,
    RemoveItem,
    ReopenTask,
    TaskFields,
    TaskView,
    UnarchiveTask,
    UnwatchTask,
    UpdateTask,
    WatchTask,
)
from tests.actors.conftest import Scene


async def refused(bus: Bus, command: Any) -> BusError:
    with pytest.raises(BusError) as refusal:
        await bus.request(command)
    return refusal.value


async def new_label(scene: Scene, name: str = "Urgent") -> Label:
    return await scene.bus.request(CreateLabel(by=scene.bob.user, team=scene.team.id, name=name, colour="#ff0000"))


async def test_a_task_has_a_priority_a_start_and_labels_of_its_team(scene: Scene, bus: Bus) -> None:
    label = await new_label(scene)
    other = Scene(bus)
    await other.build()
    foreign = await new_label(other)
    start = datetime(2031, 1, 1, tzinfo=UTC)

    task = await bus.request(
        CreateTask(
            by=scene.bob.user,
            list=scene.todo.id,
            title="x",
            priority=Priority.HIGH,
            labels=(label.id, label.id),
            start_at=start,
            due_at=start + timedelta(days=1),
        )
    )

    assert (task.priority, task.labels, task.start_at) == (Priority.HIGH, (label.id,), start)
    for command, field in (
        (UpdateTask(by=scene.bob.user, task=task.id, labels=(foreign.id,)), "labels"),
        (UpdateTask(by=scene.bob.user, task=task.id, labels=(LabelId(2**52),)), "labels"),
        (UpdateTask(by=scene.bob.user, task=task.id, start_at=start + timedelta(days=2)), "start_at"),
    ):
        refusal = await refused(bus, command)
        assert (refusal.code, refusal.field) == (ErrorCode.INVALID, field)


async def test_a_label_has_one_name_in_its_team_and_can_be_changed_and_deleted(scene: Scene) -> None:
    bob = scene.bob.user
    label = await new_label(scene)
    task = await scene.bus.request(CreateTask(by=bob, list=scene.todo.id, title="x", labels=(label.id,)))

    same = CreateLabel(by=bob, team=scene.team.id, name=" urgent ", colour="#00ff00")
    assert (await refused(scene.bus, same)).field == "name"
    changed = await scene.bus.request(UpdateLabel(by=bob, label=label.id, name="URGENT", colour="#00ff00"))
    assert (changed.name, changed.colour, changed.version) == ("URGENT", "#00ff00", 2)
    stale = UpdateLabel(by=bob, label=label.id, name="Late", version=1)
    assert (await refused(scene.bus, stale)).code is ErrorCode.CONFLICT
    await scene.bus.request(DeleteLabel(by=bob, label=label.id))

    assert (await scene.board()).labels == []
    # A task may keep what it bore, and nothing else that is gone.
    kept = await scene.bus.request(UpdateTask(by=bob, task=task.id, title="y", labels=(label.id,)))
    assert kept.labels == (label.id,)
    create = CreateTask(by=bob, list=scene.todo.id, title="x", labels=(label.id,))
    assert (await refused(scene.bus, create)).field == "labels"


async def test_a_checklist_is_added_to_ticked_put_in_order_and_shortened(scene: Scene) -> None:
    bob, ask = scene.bob.user, scene.bus.request
    task = await scene.task()
    for text in ("one", "two", "three"):
        task = await ask(AddItem(by=bob, task=task.id, text=text))
    one, two, three = (item.id for item in task.checklist)

    await ask(ChangeItem(by=bob, task=task.id, item=two, is_done=True))
    await ask(MoveItem(by=bob, task=task.id, item=three, before=one))
    task = await ask(RemoveItem(by=bob, task=task.id, item=one))

    assert [(item.text, item.is_done) for item in task.checklist] == [("three", False), ("two", True)]
    assert (await refused(scene.bus, ChangeItem(by=bob, task=task.id, item=one))).code is ErrorCode.NOT_FOUND
    move = MoveItem(by=bob, task=task.id, item=two, before=one)
    assert (await refused(scene.bus, move)).code is ErrorCode.INVALID


async def test_comments_mention_members_and_make_their_writer_a_watcher(scene: Scene) -> None:
    task, ask = await scene.task(), scene.bus.request
    ann, bob, adam, olga = (p.username for p in (scene.ann, scene.bob, scene.adam, scene.olga))
    text = f"@{ann.upper()}, @{olga} and mail@{adam}: look. @{bob}."

    comment = await ask(AddComment(by=scene.bob.user, task=task.id, text=text))

    assert comment.mentions == tuple(sorted([scene.ann.user, scene.bob.user]))
    now = await ask(GetTask(by=scene.ann.user, task=task.id))
    assert (now.comments, now.watchers, now.version) == (1, (scene.bob.user,), task.version)
    assert (await ask(ListComments(by=scene.vera.user, task=task.id))).comments == [comment]


async def test_only_the_writer_edits_a_comment_and_an_admin_may_take_it_back(scene: Scene) -> None:
    task, ask = await scene.task(), scene.bus.request
    comment = await ask(AddComment(by=scene.bob.user, task=task.id, text="First"))

    for by, code in ((scene.ann, ErrorCode.FORBIDDEN), (scene.olga, ErrorCode.NOT_FOUND)):
        assert (await refused(scene.bus, EditComment(by=by.user, comment=comment.id, text="x"))).code is code
    edited = await ask(EditComment(by=scene.bob.user, comment=comment.id, text="Second"))
    assert edited.edited_at is not None
    assert (edited.text, edited.version) == ("Second", 2)
    await ask(DeleteComment(by=scene.adam.user, comment=comment.id))

    page = await ask(ListComments(by=scene.bob.user, task=task.id))
    assert (page.count, page.comments) == (0, [])
    assert (await refused(scene.bus, DeleteComment(by=scene.bob.user, comment=comment.id))).code is ErrorCode.NOT_FOUND


async def test_viewers_watch_and_say_nothing(scene: Scene) -> None:
    task, vera = await scene.task(), scene.vera.user

    watched = await scene.bus.request(WatchTask(by=vera, task=task.id))
    left = await scene.bus.request(UnwatchTask(by=vera, task=task.id))

    assert (watched.watchers, left.watchers, left.version) == ((vera,), (), task.version)
    assert (await refused(scene.bus, AddComment(by=vera, task=task.id, text="x"))).code is ErrorCode.FORBIDDEN


async def test_a_full_list_takes_no_more_open_tasks(scene: Scene) -> None:
    bob, ask = scene.bob.user, scene.bus.request
    first, second, third = await scene.task("1"), await scene.task("2"), await scene.task("3")
    await ask(UpdateList(by=bob, list=scene.done.id, wip_limit=1))
    await ask(MoveTask(by=bob, task=first.id, list=scene.done.id))

    for command in (
        MoveTask(by=bob, task=second.id, list=scene.done.id),
        CreateTask(by=bob, list=scene.done.id, title="x"),
        ChangeTasks(by=bob, team=scene.team.id, tasks=(second.id, third.id), fields=TaskFields(list=scene.done.id)),
    ):
        refusal = await refused(scene.bus, command)
        assert (refusal.code, refusal.field) == (ErrorCode.CONFLICT, "list")
    await ask(CompleteTask(by=bob, task=first.id))
    await ask(MoveTask(by=bob, task=second.id, list=scene.done.id))
    assert (await refused(scene.bus, ReopenTask(by=bob, task=first.id))).code is ErrorCode.CONFLICT
    await ask(ArchiveTask(by=bob, task=second.id))
    await ask(ReopenTask(by=bob, task=first.id))
    assert (await refused(scene.bus, UnarchiveTask(by=bob, task=second.id))).code is ErrorCode.CONFLICT
    await ask(UpdateList(by=bob, list=scene.done.id, wip_limit=None))
    await ask(UnarchiveTask(by=bob, task=second.id))


async def test_many_tasks_change_together_or_not_at_all(scene: Scene) -> None:
    bob, ask = scene.bob.user, scene.bus.request
    label = await new_label(scene)
    tasks = [await scene.task(str(n)) for n in range(5)]
    ids = tuple(task.id for task in tasks)
    before = (await scene.board()).seq
    fields = TaskFields(list=scene.done.id, assignee=bob, add_labels=(label.id,), priority=Priority.LOW)

    refusal = await refused(
        scene.bus, ChangeTasks(by=bob, team=scene.team.id, tasks=(*ids, tasks[0].id + 10_000), fields=fields)
    )
    assert refusal.code is ErrorCode.NOT_FOUND
    assert (await scene.board()).seq == before
    changed = await ask(ChangeTasks(by=bob, team=scene.team.id, tasks=ids, fields=fields))

    assert [(t.list, t.assignee, t.labels, t.priority) for t in changed] == [
        (scene.done.id, bob, (label.id,), Priority.LOW)
    ] * 5
    assert await scene.titles(scene.done) == ["0", "1", "2", "3", "4"]
    replay = await ask(ReplayEvents(by=bob, team=scene.team.id, after=Seq(before)))
    assert {event_change(bytes(event)) for event in replay.events} == {before + 1}
    gone = await ask(
        ChangeTasks(
            by=bob, team=scene.team.id, tasks=ids, fields=TaskFields(is_deleted=True, remove_labels=(label.id,))
        )
    )
    assert all(task.deleted_at and task.labels == () for task in gone)
    back = await ask(ChangeTasks(by=bob, team=scene.team.id, tasks=ids, fields=TaskFields(is_deleted=False)))
    assert [task.id for task in back] == list(ids)


def event_change(event: bytes) -> int:
    return int(event.split(b'"change":')[1].split(b",")[0])


async def test_an_archived_task_is_off_the_board_and_still_found(scene: Scene) -> None:
    task, ask, bob = await scene.task("Put away"), scene.bus.request, scene.bob.user

    await ask(ArchiveTask(by=bob, task=task.id))

    assert await scene.titles(scene.todo) == []
    assert await found(scene, q="put") == []
    assert [t.id for t in await found(scene, q="put", archived=True)] == [task.id]
    await ask(UnarchiveTask(by=bob, task=task.id))
    assert await scene.titles(scene.todo) == ["Put away"]


async def found(scene: Scene, **fields: Any) -> list[TaskView]:
    page = await scene.bus.request(ListTasks(by=scene.bob.user, filter=TaskFilter(team=scene.team.id, **fields)))
    return page.tasks


async def test_tasks_are_found_by_label_priority_dates_and_watchers(scene: Scene) -> None:
    bob, ask = scene.bob.user, scene.bus.request
    label = await new_label(scene)
    past, future = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    late = await ask(CreateTask(by=bob, list=scene.todo.id, title="late", due_at=past, labels=(label.id,)))
    soon = await ask(CreateTask(by=bob, list=scene.todo.id, title="soon", due_at=future, priority=Priority.URGENT))
    await ask(WatchTask(by=bob, task=soon.id))

    async def ids(**fields: Any) -> list[int]:
        return [task.id for task in await found(scene, **fields)]

    assert await ids(label=label.id) == [late.id]
    assert await ids(priority=Priority.URGENT) == [soon.id]
    assert await ids(is_overdue=True) == await ids(due_before=future) == [late.id]
    assert await ids(due_from=future) == await ids(watched=True) == [soon.id]
    await ask(CompleteTask(by=bob, task=late.id))
    assert await ids(is_overdue=True) == []
    assert await ids(is_done=True) == [late.id]
    page = await ask(ListTasks(by=bob, filter=TaskFilter(team=scene.team.id), limit=1))
    assert ([t.id for t in page.tasks], page.count, page.cursor) == ([soon.id], 2, soon.id)
    page = await ask(ListTasks(by=bob, filter=TaskFilter(team=scene.team.id), limit=1, cursor=page.cursor))
    assert [t.id for t in page.tasks] == [late.id]
    assert replace(page.tasks[0], labels=()) != page.tasks[0]
