"""Plain and forwarded text, which becomes a task after one question."""

import pytest

from bot.callbacks import NewIn
from bot.texts import LANGUAGES
from schemas.search import ListTasks, TaskFilter
from schemas.tasks import TaskView
from tests.bot.town import Resident, Town, buttons, plain


async def tasks_of(town: Town, who: Resident) -> list[TaskView]:
    return (await town.bus.request(ListTasks(by=who.id, filter=TaskFilter()))).tasks


@pytest.mark.parametrize("language", LANGUAGES)
async def test_plain_text_becomes_a_task_after_one_question(town: Town, language: str) -> None:
    ann = await town.resident("Ann", language)
    await town.board(ann)

    question = await ann.chat.asks("Buy <paper> !high\nA4")
    assert question["text"] == plain("offer", language, title="Buy <paper>")
    assert list(buttons(question)) == [plain("button-create", language), plain("button-no", language)]
    assert await tasks_of(town, ann) == []
    _, shown = await town.press(ann, question, plain("button-create", language))

    (task,) = await tasks_of(town, ann)
    assert (task.title, task.description, task.priority, task.assignee) == ("Buy <paper>", "A4", "high", ann.id)
    assert f"#{task.id}" in shown["text"]


async def test_no_means_no(town: Town) -> None:
    ann = await town.resident("Ann")
    await town.board(ann)
    question = await ann.chat.asks("Good morning!")

    _, shown = await town.press(ann, question, plain("button-no"))

    assert shown["text"] == plain("forgotten")
    assert not buttons(shown)
    assert await tasks_of(town, ann) == []


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        ({"type": "hidden_user", "name": "Carol & <Co>"}, "Carol & <Co>"),
        ({"type": "channel", "name": "Office news"}, "Office news"),
        ({"type": "chat", "name": "The crew"}, "The crew"),
    ],
)
async def test_a_forwarded_message_becomes_a_task_that_names_its_source(
    town: Town, origin: dict[str, str], source: str
) -> None:
    ann = await town.resident("Ann")
    await town.board(ann)

    question = await town.answer_to(ann.chat.forwards("  Call @bob tomorrow !high \n\n about #42 ", **origin), ann)
    await town.press(ann, question, plain("button-create"))

    (task,) = await tasks_of(town, ann)
    # Others' words are no marks of ours.
    assert (task.title, task.priority, task.due_at) == ("Call @bob tomorrow !high", "none", None)
    # Whoever wants to remember it has it among their tasks.
    assert task.assignee == ann.id
    assert task.description == f"about #42\n\nForwarded from {source}"


async def test_a_forwarded_command_is_no_command(town: Town) -> None:
    ann = await town.resident("Ann")
    await town.board(ann)

    question = await town.answer_to(ann.chat.forwards("/new Buy paper", type="hidden_user", name="Bob"), ann)

    assert question["text"] == plain("offer", title="/new Buy paper")


async def test_a_question_whose_message_is_gone_makes_no_task(town: Town) -> None:
    ann = await town.resident("Ann")
    board = await town.board(ann)
    button = NewIn(team=board.team.id)

    said, _ = await town.press(ann, await town.below(ann, button), button)

    assert said == plain("message-gone")
    assert await tasks_of(town, ann) == []


async def test_in_a_strange_team_nobody_makes_tasks(town: Town) -> None:
    ann, eve = await town.resident("Ann"), await town.resident("Eve")
    board = await town.board(ann)
    await town.board(eve)
    question = await eve.chat.asks("Let me in")

    said, _ = await town.press(eve, question, NewIn(team=board.team.id), stale=True)

    assert said.startswith("I cannot find that")
    assert await tasks_of(town, ann) == []


async def test_whoever_is_in_no_team_can_make_no_task(town: Town) -> None:
    assert (await (await town.resident()).chat.asks("Buy paper"))["text"] == plain("new-no-team")
