"""Commands about tasks, typed by people who are linked."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.callbacks import NewIn, Tick
from bot.handlers.agenda import SHOWN
from bot.texts import LANGUAGES
from schemas.ids import TaskId
from schemas.labels import CreateLabel
from schemas.members import MemberRole
from schemas.search import GetTask, ListTasks, TaskFilter
from schemas.tasks import CompleteTask, Priority, TaskView
from tests.bot.town import PUBLIC_URL, Resident, Town, buttons, plain


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


async def test_a_new_task_is_made_of_one_line(town: Town) -> None:
    ann, bob = await town.resident("Ann", "ru", "Europe/Moscow"), await town.resident("Bob")
    board = await town.board(ann, list_name="Сделать")
    await town.join(ann, board.team.id, bob)
    await town.bus.request(CreateLabel(by=ann.id, team=board.team.id, name="big office", colour="#ff0000"))

    line = f"/new Купить <бумагу> @{bob.user.username.upper()} !важно #big_office завтра 18:00\nА4, две пачки"
    answer = await ann.chat.asks(line)

    (task,) = await tasks_of(town, ann)
    tomorrow = datetime.now(ZoneInfo("Europe/Moscow")).date() + timedelta(days=1)
    assert (task.title, task.description, task.assignee) == ("Купить <бумагу>", "А4, две пачки", bob.id)
    assert (task.priority, len(task.labels)) == (Priority.HIGH, 1)
    assert task.due_at == datetime.combine(tomorrow, time(18), ZoneInfo("Europe/Moscow"))
    for understood in (f"#{task.id}", "Купить <бумагу>", "Сделать", "Bob", "высокий", "18:00"):
        assert understood in answer["text"]
    assert buttons(answer)["🔗 Открыть"] == f"{PUBLIC_URL}/teams/{task.team}?task={task.id}"


@pytest.mark.parametrize("title", ["Ask whether we may", "Read chapter 5", "Release 2.10", "Watch the sun", "march"])
async def test_words_that_only_look_like_dates_stay_in_the_title(town: Town, title: str) -> None:
    ann = await town.resident()
    await town.board(ann)

    await ann.chat.asks(f"/new {title}")

    (task,) = await tasks_of(town, ann)
    assert (task.title, task.due_at) == (title, None)


async def test_a_new_task_is_taken_back_by_its_button(town: Town) -> None:
    ann = await town.resident()
    await town.board(ann)
    answer = await ann.chat.asks("/new Buy paper")

    _, shown = await town.press(ann, answer, plain("button-undo"))

    assert await tasks_of(town, ann) == []
    assert shown["text"].endswith(plain("undone"))
    assert not buttons(shown)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_is_in_several_teams_is_asked_which_and_one_question_makes_one_task(
    town: Town, language: str
) -> None:
    ann = await town.resident("Ann", language)
    await town.board(ann, "Red")
    blue = await town.board(ann, "Blue")
    question = await ann.chat.asks("/new Buy paper !urgent")

    _, shown = await town.press(ann, question, "Blue")
    await town.press(ann, question, NewIn(team=blue.team.id), stale=True)

    (task,) = await tasks_of(town, ann)
    assert question["text"] == plain("new-which-team", language)
    assert (task.team, task.priority) == (blue.team.id, Priority.URGENT)
    assert plain("created", language) in shown["text"]


async def test_nobody_makes_tasks_where_they_only_look_on(town: Town) -> None:
    ann, eve = await town.resident("Ann"), await town.resident("Eve")
    board = await town.board(ann)
    await town.join(ann, board.team.id, eve, role=MemberRole.VIEWER)

    assert (await eve.chat.asks("/new Buy paper"))["text"] == plain("new-no-team")


@pytest.mark.parametrize(("word", "key"), [("@nobody", "no-such-member"), ("#nothing", "no-such-label")])
async def test_a_name_that_nobody_has_makes_no_task(town: Town, word: str, key: str) -> None:
    ann = await town.resident()
    await town.board(ann)

    answer = await ann.chat.asks(f"/new Buy paper {word}")

    assert answer["text"].startswith(plain(key, name=word.lstrip("@"), known="")[:20])
    assert await tasks_of(town, ann) == []


async def test_a_title_that_is_too_long_stands_whole_in_the_description(town: Town) -> None:
    ann = await town.resident()
    await town.board(ann)

    await ann.chat.asks("/new " + "word " * 100)

    (task,) = await tasks_of(town, ann)
    assert len(task.title) == 200
    assert task.description == ("word " * 100).strip()


async def test_a_task_is_given_to_somebody_to_oneself_and_to_nobody(town: Town) -> None:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann)
    await town.join(ann, board.team.id, bob)
    task = await town.task(ann, board)

    for typed, who in ((f"@{bob.user.username}", bob.id), ("me", ann.id), ("Bob", bob.id), ("off", None)):
        await ann.chat.asks(f"/assign #{task.id} {typed}")
        assert (await the_task(town, ann, task.id)).assignee == who

    answer = await ann.chat.asks(f"/assign {task.id} @<b>eve</b>")
    assert "Nobody here is called" in answer["text"]


async def test_giving_is_undone(town: Town) -> None:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann)
    await town.join(ann, board.team.id, bob)
    task = await town.task(ann, board, assignee=bob.id)
    answer = await ann.chat.asks(f"/assign {task.id} me")

    await town.press(ann, answer, plain("button-undo"))

    assert (await the_task(town, ann, task.id)).assignee == bob.id


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_deadline_is_set_moved_and_taken_away(town: Town, language: str) -> None:
    ann = await town.resident("Ann", language, "Asia/Tokyo")
    task = await town.task(ann, await town.board(ann))
    tokyo = ZoneInfo("Asia/Tokyo")

    answer = await ann.chat.asks(f"/due {task.id} 24.12.2099 09:30")
    due = (await the_task(town, ann, task.id)).due_at
    unset = await ann.chat.asks(f"/due {task.id} off")

    assert due == datetime(2099, 12, 24, 9, 30, tzinfo=tokyo)
    assert "09:30" in answer["text"]
    assert "(2099)" in answer["text"]
    assert unset["text"].startswith(plain("due-unset", language))
    await town.press(ann, unset, plain("button-undo", language))
    assert (await the_task(town, ann, task.id)).due_at == due


@pytest.mark.parametrize(
    ("phrase", "answer"),
    [("whenever", "I do not understand"), ("5", "I do not understand"), ("1.1.2020", "That moment")],
)
async def test_a_deadline_that_makes_no_sense_changes_nothing(town: Town, phrase: str, answer: str) -> None:
    ann = await town.resident()
    task = await town.task(ann, await town.board(ann))

    said = await ann.chat.asks(f"/due {task.id} {phrase}")

    assert said["text"].startswith(answer)
    assert (await the_task(town, ann, task.id)).version == task.version


@pytest.mark.parametrize("language", LANGUAGES)
async def test_tasks_stand_in_groups_the_most_urgent_first(town: Town, language: str) -> None:
    ann = await town.resident("Ann", language, "Pacific/Kiritimati")
    board = await town.board(ann)
    now = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    tonight = now.replace(hour=23, minute=59, second=59, microsecond=0)
    for title, due in (
        ("someday", None),
        ("next week", now + timedelta(days=7)),
        ("today", tonight),
        ("yesterday", now - timedelta(days=1)),
    ):
        await town.task(ann, board, title, assignee=ann.id, due_at=due)
    await town.task(ann, board, "not mine")

    text = (await ann.chat.asks("/tasks"))["text"]

    order = ["overdue", "yesterday", "today", "today", "later", "next week", "undated", "someday"]
    places, at = [], 0
    for number, word in enumerate(order):
        at = text.index(plain(f"tasks-{word}", language) if number % 2 == 0 else f"\u2068{word}\u2069", at)
        places.append(at)
    assert places == sorted(places)
    assert "not mine" not in text


async def test_tasks_are_paged_and_ticked_off(town: Town) -> None:
    ann = await town.resident()
    board = await town.board(ann)
    tasks = [await town.task(ann, board, f"Task {number}", assignee=ann.id) for number in range(SHOWN + 2)]
    page = await ann.chat.asks("/tasks")
    assert plain("tasks-page", page=1, last=2) in page["text"]

    _, second = await town.press(ann, page, "▶")
    said, ticked = await town.press(ann, second, f"✓ {tasks[-1].id}")

    assert f"#{tasks[-1].id}" in said
    assert (await the_task(town, ann, tasks[-1].id)).is_done
    assert f"✓ {tasks[-1].id}" not in buttons(ticked)
    _, back = await town.press(ann, ticked, f"{plain('button-undo')} #{tasks[-1].id}")
    assert not (await the_task(town, ann, tasks[-1].id)).is_done
    assert f"✓ {tasks[-1].id}" in buttons(back)
    # The page before: there are no more than two, whatever a button says.
    _, first = await town.press(ann, back, "◀")
    assert f"✓ {tasks[0].id}" in buttons(first)


async def test_whoever_has_nothing_to_do_is_told_so(town: Town) -> None:
    assert (await (await town.resident()).chat.asks("/tasks"))["text"] == plain("tasks-none")


async def test_the_button_of_a_stranger_is_judged_by_the_store(town: Town) -> None:
    ann, eve = await town.resident("Ann"), await town.resident("Eve")
    task = await town.task(ann, await town.board(ann))
    message = await town.below(eve, Tick(task=task.id, page=0))

    said, _ = await town.press(eve, message, Tick(task=task.id, page=0))

    assert said.startswith("I cannot find that")
    assert not (await the_task(town, ann, task.id)).is_done
