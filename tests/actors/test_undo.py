from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.comments import AddComment, DeleteComment, EditComment, ListComments
from schemas.errors import BusError, ErrorCode
from schemas.history import GetPastBoard, GetVisit, ListActivity, MarkSeen, Undo
from schemas.ids import Seq
from schemas.labels import CreateLabel, DeleteLabel
from schemas.lists import CreateList, DeleteList, UpdateList
from schemas.members import RemoveMember
from schemas.search import DeleteFilter, ListFilters, SaveFilter, TaskFilter
from schemas.tasks import (
    AddItem,
    ArchiveTask,
    AssignTask,
    ChangeTasks,
    CompleteTask,
    DeleteTask,
    MoveTask,
    TaskFields,
    UpdateTask,
    WatchTask,
)
from tests.actors.conftest import Scene


async def undo(scene: Scene, by: Any = None) -> int:
    return await scene.bus.request(Undo(by=by or scene.bob.user, team=scene.team.id))


async def refused_undo(scene: Scene, by: Any = None) -> BusError:
    with pytest.raises(BusError) as refusal:
        await undo(scene, by)
    assert refusal.value.code is ErrorCode.CONFLICT
    return refusal.value


async def test_every_change_of_a_task_can_be_taken_back(scene: Scene) -> None:
    bob, ask = scene.bob.user, scene.bus.request
    task = await scene.task()
    label = await ask(CreateLabel(by=scene.ann.user, team=scene.team.id, name="x", colour="#000000"))
    for command in (
        UpdateTask(by=bob, task=task.id, title="Other", labels=(label.id,), due_at=datetime(2031, 1, 1, tzinfo=UTC)),
        UpdateTask(by=bob, task=task.id, title="Both", assignee=scene.ann.user, is_done=True),
        AssignTask(by=bob, task=task.id, assignee=scene.ann.user),
        CompleteTask(by=bob, task=task.id),
        MoveTask(by=bob, task=task.id, list=scene.done.id),
        ArchiveTask(by=bob, task=task.id),
        DeleteTask(by=bob, task=task.id),
        AddItem(by=bob, task=task.id, text="step"),
    ):
        before = (await scene.board()).tasks
        await ask(command)
        assert (await scene.board()).tasks != before

        await undo(scene)

        after = (await scene.board()).tasks
        assert [without_version(task) for task in after] == [without_version(task) for task in before], command


def without_version(task: Any) -> dict[str, Any]:
    return {name: getattr(task, name) for name in task.__struct_fields__ if name not in ("version", "updated_at")}


async def test_changes_are_taken_back_one_after_another_and_a_new_task_goes_to_the_trash(scene: Scene) -> None:
    await scene.task("1")
    second = await scene.task("2")
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=second.id, title="two"))

    await undo(scene)
    assert await scene.titles(scene.todo) == ["1", "2"]
    await undo(scene)
    assert await scene.titles(scene.todo) == ["1"]
    await undo(scene)
    assert await scene.titles(scene.todo) == []
    assert "nothing" in (await refused_undo(scene)).detail


async def test_what_somebody_else_changed_since_is_not_taken_back(scene: Scene) -> None:
    task = await scene.task()
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title="Bob's"))
    await scene.bus.request(UpdateTask(by=scene.ann.user, task=task.id, description="Ann's"))

    assert (await refused_undo(scene)).field == "version"
    assert await scene.titles(scene.todo) == ["Bob's"]
    # Watching and talking are no changes of the task.
    await undo(scene, scene.ann.user)
    await scene.bus.request(WatchTask(by=scene.vera.user, task=task.id))


async def test_a_change_of_many_tasks_is_taken_back_at_once(scene: Scene) -> None:
    tasks = [await scene.task(str(n)) for n in range(4)]
    ids = tuple(task.id for task in tasks)
    fields = TaskFields(list=scene.done.id, assignee=scene.bob.user)
    await scene.bus.request(ChangeTasks(by=scene.bob.user, team=scene.team.id, tasks=ids, fields=fields))

    await undo(scene)

    board = await scene.board()
    assert [(t.id, t.list, t.assignee) for t in board.tasks] == [(i, scene.todo.id, None) for i in ids]


async def test_lists_labels_and_comments_are_taken_back_too(scene: Scene) -> None:
    ann, ask = scene.ann.user, scene.bus.request
    task = await scene.task()
    before = await scene.board()
    for command in (
        CreateList(by=ann, team=scene.team.id, name="Later"),
        UpdateList(by=ann, list=scene.todo.id, name="Later", wip_limit=4),
        DeleteList(by=ann, list=scene.todo.id),
        CreateLabel(by=ann, team=scene.team.id, name="x", colour="#000000"),
    ):
        await ask(command)
        await undo(scene, ann)
        now = await scene.board()
        assert [(r.name, r.rank, r.wip_limit) for r in now.lists] == [
            (r.name, r.rank, r.wip_limit) for r in before.lists
        ]
        assert (now.labels, now.tasks) == (before.labels, before.tasks)
    label = await ask(CreateLabel(by=ann, team=scene.team.id, name="x", colour="#000000"))
    await ask(DeleteLabel(by=ann, label=label.id))
    await undo(scene, ann)
    assert [row.id for row in (await scene.board()).labels] == [label.id]
    comment = await ask(AddComment(by=ann, task=task.id, text="First"))
    await ask(EditComment(by=ann, comment=comment.id, text="Second"))
    await undo(scene, ann)
    await ask(DeleteComment(by=ann, comment=comment.id))
    await undo(scene, ann)
    assert [c.text for c in (await ask(ListComments(by=ann, task=task.id))).comments] == ["First"]
    await undo(scene, ann)
    assert (await ask(ListComments(by=ann, task=task.id))).count == 0


async def test_a_task_does_not_go_back_to_who_has_left_or_where_nothing_is(scene: Scene) -> None:
    ask, ann, bob, adam = scene.bus.request, scene.ann.user, scene.bob.user, scene.adam.user
    task = await scene.task()
    await ask(AssignTask(by=ann, task=task.id, assignee=adam))
    await ask(CompleteTask(by=bob, task=task.id))
    await ask(AssignTask(by=bob, task=task.id, assignee=None))
    await ask(RemoveMember(by=ann, team=scene.team.id, user=adam))

    assert (await refused_undo(scene)).field == "assignee"
    other = await scene.task()
    await ask(MoveTask(by=bob, task=other.id, list=scene.done.id))
    await ask(DeleteList(by=ann, list=scene.todo.id))
    assert (await refused_undo(scene)).field == "list"


async def test_watching_and_room_between_ranks_are_no_changes_to_take_back(scene: Scene) -> None:
    first, last = await scene.task("first"), await scene.task("last")
    for _ in range(20):  # until the list is arranged anew
        other = await scene.task("other")
        await scene.bus.request(MoveTask(by=scene.bob.user, task=other.id, list=scene.todo.id, before=last.id))
        await undo(scene)
        await undo(scene)
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=first.id, title="renamed"))
    await scene.bus.request(WatchTask(by=scene.bob.user, task=first.id))

    await undo(scene)

    assert await scene.titles(scene.todo) == ["first", "last"]


async def test_members_are_not_taken_back(scene: Scene) -> None:
    await scene.bus.request(RemoveMember(by=scene.ann.user, team=scene.team.id, user=scene.vera.user))

    assert "cannot be taken back" in (await refused_undo(scene, scene.ann.user)).detail


async def test_the_board_is_shown_as_it_was_at_a_moment(scene: Scene) -> None:
    task = await scene.task("Then")
    await scene.task("Deleted later")
    then = await scene.board()
    moment = max(task.updated_at for task in then.tasks)
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title="Now"))
    await scene.bus.request(DeleteTask(by=scene.bob.user, task=then.tasks[1].id))
    await scene.bus.request(CreateList(by=scene.bob.user, team=scene.team.id, name="Later"))
    await scene.bus.request(RemoveMember(by=scene.ann.user, team=scene.team.id, user=scene.vera.user))

    past = await scene.bus.request(GetPastBoard(by=scene.ann.user, team=scene.team.id, at=moment))

    assert past.seq == then.seq
    assert past.tasks == then.tasks
    assert past.lists == then.lists
    assert sorted(m.user for m in past.members) == sorted(m.user for m in then.members)
    early = GetPastBoard(by=scene.ann.user, team=scene.team.id, at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(BusError) as refusal:
        await scene.bus.request(early)
    assert refusal.value.code is ErrorCode.NOT_FOUND


async def test_the_activity_is_read_backwards_page_by_page(scene: Scene) -> None:
    task, other = await scene.task(), await scene.task()
    await scene.bus.request(CompleteTask(by=scene.bob.user, task=task.id))
    seq = (await scene.board()).seq

    first = await scene.bus.request(ListActivity(by=scene.vera.user, team=scene.team.id, limit=2))
    second = await scene.bus.request(
        ListActivity(by=scene.vera.user, team=scene.team.id, limit=500, before=first.before)
    )
    of_task = await scene.bus.request(ListActivity(by=scene.vera.user, team=scene.team.id, task=task.id))

    assert [kind(event) for event in first.events] == ["task.completed", "task.created"]
    assert len(first.events) + len(second.events) == seq
    assert (second.before, of_task.before) == (None, None)
    assert [kind(event) for event in of_task.events] == ["task.completed", "task.created"]
    assert other.id != task.id


def kind(event: Any) -> str:
    return bytes(event).split(b'"')[3].decode()


async def test_what_was_seen_is_remembered_and_never_goes_back(scene: Scene) -> None:
    vera, team = scene.vera.user, scene.team.id
    seq = (await scene.board()).seq
    assert (await scene.bus.request(GetVisit(by=vera, team=team))).seq == 0

    await scene.bus.request(MarkSeen(by=vera, team=team, seq=Seq(seq)))
    await scene.bus.request(MarkSeen(by=vera, team=team, seq=Seq(1)))

    visit = await scene.bus.request(GetVisit(by=vera, team=team))
    assert visit.seq == seq
    assert visit.at is not None
    with pytest.raises(BusError):
        await scene.bus.request(MarkSeen(by=scene.olga.user, team=team, seq=Seq(1)))


async def test_a_filter_is_kept_for_its_owner_alone(scene: Scene) -> None:
    ann, ask = scene.ann.user, scene.bus.request
    first = await ask(SaveFilter(by=ann, name="Mine", filter=TaskFilter(mine=True)))
    again = await ask(SaveFilter(by=ann, name="Mine", filter=TaskFilter(mine=True, q="paper")))

    assert (again.id, again.filter.q) == (first.id, "paper")
    assert await ask(ListFilters(by=ann)) == [again]
    assert await ask(ListFilters(by=scene.bob.user)) == []
    with pytest.raises(BusError):
        await ask(DeleteFilter(by=scene.bob.user, filter=first.id))
    await ask(DeleteFilter(by=ann, filter=first.id))
    assert await ask(ListFilters(by=ann)) == []
