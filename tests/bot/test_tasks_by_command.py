"""Commands about tasks, typed by people who are linked."""

import pytest

from bot.texts import LANGUAGES
from schemas.ids import TaskId
from schemas.members import MemberRole
from schemas.search import GetTask, ListTasks, TaskFilter
from schemas.tasks import CompleteTask, TaskView
from tests.bot.town import Resident, Town, buttons, plain


async def the_task(town: Town, who: Resident, task: TaskId) -> TaskView:
    return await town.bus.request(GetTask(by=who.id, task=task))


async def tasks_of(town: Town, who: Resident) -> list[TaskView]:
    return (await town.bus.request(ListTasks(by=who.id, filter=TaskFilter()))).tasks


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", ["{}", "#{}"])
async def test_a_task_is_done_by_its_number(town: Town, number: str, language: str) -> None:
    ann = await town.resident("Ann", language)
    task = await town.task(ann, await town.board(ann), "Buy <b>paper</b> & ink")

    answer = await ann.chat.asks(f"/done {number.format(task.id)}")
    again = await ann.chat.asks(f"/DONE   {number.format(task.id)}  ")

    assert plain("done", language) in answer["text"]
    assert f"#{task.id} \u2068Buy <b>paper</b> & ink\u2069" in answer["text"]
    assert (await the_task(town, ann, task.id)).is_done
    assert plain("done-already", language) in again["text"]
    assert not buttons(again)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("/done", "done-how"),
        ("/done soon", "done-how"),
        ("/done 1 2", "done-how"),
        ("/done 99999999999999999", "done-how"),
        ("/done #0", "done-how"),
        ("/assign", "assign-how"),
        ("/assign 42", "assign-how"),
        ("/assign me 42", "assign-how"),
        ("/due", "due-how"),
        ("/due 42", "due-how"),
        ("/due soon 42", "due-how"),
        ("/new", "new-how"),
        ("/new @bob !high", "new-how"),
        ("/new   \n", "new-how"),
        ("/new@team_task_manager_bot", "new-how"),
    ],
)
async def test_a_command_that_lacks_something_says_how(town: Town, typed: str, key: str) -> None:
    ann = await town.resident()

    assert (await ann.chat.asks(typed))["text"] == plain(key)


@pytest.mark.parametrize("command", ["/done {}", "/assign {} me", "/due {} tomorrow"])
async def test_the_task_of_strangers_does_not_exist(town: Town, command: str) -> None:
    ann, eve = await town.resident("Ann"), await town.resident("Eve", "ru")
    task = await town.task(ann, await town.board(ann))

    answer = await eve.chat.asks(command.format(task.id))

    assert answer["text"] == plain("refused-not-found", "ru", detail="Такой задачи нет.")
    assert (await the_task(town, ann, task.id)).version == task.version


async def test_a_viewer_may_not_complete(town: Town) -> None:
    ann, eve = await town.resident("Ann"), await town.resident("Eve")
    board = await town.board(ann)
    await town.join(ann, board.team.id, eve, role=MemberRole.VIEWER)
    task = await town.task(ann, board)

    answer = await eve.chat.asks(f"/done {task.id}")

    assert answer["text"].startswith("You may not do that: ")


async def test_done_is_undone_by_its_button(town: Town) -> None:
    ann = await town.resident()
    task = await town.task(ann, await town.board(ann))
    answer = await ann.chat.asks(f"/done {task.id}")

    _, shown = await town.press(ann, answer, plain("button-undo"))

    assert shown["text"].endswith(plain("undone"))
    assert not (await the_task(town, ann, task.id)).is_done


async def test_what_somebody_else_changed_since_is_not_undone(town: Town) -> None:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann)
    await town.join(ann, board.team.id, bob)
    task = await town.task(ann, board)
    given = await ann.chat.asks(f"/assign {task.id} @{bob.user.username}")
    await town.bus.request(CompleteTask(by=bob.id, task=task.id))

    said, _ = await town.press(ann, given, plain("button-undo"))

    assert said.startswith("That did not work: somebody changed it meanwhile")
    assert (await the_task(town, ann, task.id)).assignee == bob.id
