"""Notices as they come to Telegram, and what their buttons and replies do."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.callbacks import Done, Give, Members
from bot.keyboards import MEMBERS_SHOWN
from bot.texts import LANGUAGES
from schemas.comments import AddComment, ListComments
from schemas.ids import TaskId
from schemas.members import RemoveMember
from schemas.notices import ListNotices
from schemas.search import GetTask
from schemas.tasks import AssignTask, ChangeTasks, CompleteTask, TaskFields, TaskView
from tests.bot.town import PUBLIC_URL, Board, Message, Resident, Town, buttons, plain


async def pair(town: Town, language: str = "en") -> tuple[Resident, Resident, Board]:
    """Ann has a board, and Bob, who speaks the language, is in her team."""
    ann, bob = await town.resident("Ann"), await town.resident("Bob", language)
    board = await town.board(ann)
    await town.join(ann, board.team.id, bob)
    await town.said(bob.chat, board.team.name)
    return ann, bob, board


async def assigned(town: Town, ann: Resident, bob: Resident, board: Board, title: str) -> tuple[TaskView, Message]:
    task = await town.task(ann, board, title, assignee=bob.id)
    return task, await town.said(bob.chat, f"#{task.id}")


async def the_task(town: Town, who: Resident, task: TaskId) -> TaskView:
    return await town.bus.request(GetTask(by=who.id, task=task))


async def comments(town: Town, who: Resident, task: TaskId) -> list[str]:
    return [one.text for one in (await town.bus.request(ListComments(by=who.id, task=task))).comments]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Ann assigned “<b>Buy</b> & read” to you"), ("ru", "Вам назначена задача «<b>Buy</b> & read» (Ann)")],
)
async def test_a_notice_says_what_happened_and_offers_what_can_be_done(
    town: Town, language: str, sentence: str
) -> None:
    ann, bob, board = await pair(town, language)

    task, message = await assigned(town, ann, bob, board, "<b>Buy</b> & read")

    assert message["text"].translate({0x2068: None, 0x2069: None}) == f"{sentence} #{task.id}"
    assert [entity["url"] for entity in message["entities"] if entity["type"] == "text_link"] == [
        f"{PUBLIC_URL}/teams/{task.team}?task={task.id}"
    ]
    names = ("done", "give", "hour", "tomorrow", "open")
    assert list(buttons(message)) == [plain(f"button-{name}", language) for name in names]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_task_is_done_and_undone_below_its_notice(town: Town, language: str) -> None:
    ann, bob, board = await pair(town, language)
    task, message = await assigned(town, ann, bob, board, "Buy paper")

    _, done = await town.press(bob, message, plain("button-done", language))
    assert (await the_task(town, ann, task.id)).is_done
    assert done["text"].startswith(message["text"])
    assert plain("done", language) in done["text"]

    _, undone = await town.press(bob, done, plain("button-undo", language))
    assert not (await the_task(town, ann, task.id)).is_done
    assert undone["text"].endswith(plain("undone", language))
    assert list(buttons(undone)) == list(buttons(message))
    # The link to the task has survived all that.
    assert "text_link" in [entity["type"] for entity in undone["entities"]]


async def test_two_who_press_at_once_both_see_that_it_is_done(town: Town) -> None:
    ann, bob, board = await pair(town)
    task, message = await assigned(town, ann, bob, board, "Buy paper")
    await town.bus.request(CompleteTask(by=ann.id, task=task.id))

    _, shown = await town.press(bob, message, plain("button-done"))

    assert plain("done-already") in shown["text"]
    assert plain("button-undo") not in buttons(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("button", ["button-hour", "button-tomorrow"])
async def test_a_notice_is_snoozed(town: Town, button: str, language: str) -> None:
    ann, bob, board = await pair(town, language)
    _, message = await assigned(town, ann, bob, board, "Buy paper")

    _, shown = await town.press(bob, message, plain(button, language))

    notice = (await town.bus.request(ListNotices(by=bob.id))).notices[0]
    now = datetime.now(UTC)
    tomorrow = (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    expected = now + timedelta(hours=1) if button == "button-hour" else tomorrow
    assert notice.snoozed_until
    assert abs(notice.snoozed_until - expected) < timedelta(seconds=30)
    assert plain("snoozed", language, at="")[:8] in shown["text"]
    assert plain("button-hour", language) not in buttons(shown)


async def test_a_task_is_handed_on_below_its_notice(town: Town) -> None:
    ann, bob, board = await pair(town)
    crowd = [await town.resident(f"Member {number}") for number in range(MEMBERS_SHOWN)]
    await town.join(ann, board.team.id, *crowd)
    task, message = await assigned(town, ann, bob, board, "Buy paper")

    _, first = await town.press(bob, message, plain("button-give"))
    _, second = await town.press(bob, first, "▶")
    _, back = await town.press(bob, second, plain("button-back"))
    assert buttons(back) == buttons(message)

    everybody = buttons(first) | buttons(second)
    assert {"Ann", "Bob", *(one.user.name for one in crowd)} <= everybody.keys()
    _, given = await town.press(bob, first, Give.unpack(everybody["Ann"]), stale=True)
    assert (await the_task(town, ann, task.id)).assignee == ann.id
    assert plain("given", name="Ann") in given["text"]

    await town.press(bob, given, plain("button-undo"))
    assert (await the_task(town, ann, task.id)).assignee == bob.id


async def test_a_task_is_given_to_nobody(town: Town) -> None:
    ann, bob, board = await pair(town)
    task, message = await assigned(town, ann, bob, board, "Buy paper")

    _, members = await town.press(bob, message, plain("button-give"))
    _, given = await town.press(bob, members, plain("button-nobody"))

    assert (await the_task(town, ann, task.id)).assignee is None
    assert plain("given-to-nobody") in given["text"]


async def test_a_button_of_a_task_that_is_gone_says_so(town: Town) -> None:
    ann, _, _ = await pair(town)
    gone = Done(task=TaskId(2**53 - 1))

    for button in (gone, Members(task=gone.task)):
        said, _ = await town.press(ann, await town.below(ann, button), button)
        assert said == plain("refused-not-found", detail="no such task").translate({0x2068: None, 0x2069: None})


@pytest.mark.parametrize(
    "data",
    ["d", "d:x:0", "d:1", "u:?:1:1:1", "z:1:1:never", "q:999999999999", "u:t:1:1:999999999999", "\U0001f389", "done"],
)
async def test_a_button_that_makes_no_sense_is_answered(town: Town, data: str) -> None:
    ann = await town.resident()
    keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
    message = await town.people.bot_sends(ann.chat, "From long ago", reply_markup=keyboard)

    said, _ = await town.press(ann, message, "x")

    assert said == plain("unknown-button")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_reply_to_a_notice_becomes_a_comment(town: Town, language: str) -> None:
    ann, bob, board = await pair(town, language)
    task, message = await assigned(town, ann, bob, board, "Buy paper")

    answer = await bob.chat.asks("Which <size>?\nA4 or A3", reply_to=message["message_id"])

    assert await comments(town, ann, task.id) == ["Which <size>?\nA4 or A3"]
    assert answer["text"] == f"{plain('commented', language)} #{task.id}"
    # And whoever is concerned hears of it.
    assert "Which <size>?" in (await town.said(ann.chat, "commented on"))["text"]


async def several(town: Town, ann: Resident, bob: Resident, board: Board) -> tuple[list[TaskView], Message]:
    """Tasks that were given to Bob at once, and the one message that tells of them."""
    tasks = [await town.task(ann, board, f"Task {number}") for number in range(3)]
    numbers = tuple(task.id for task in tasks)
    await town.bus.request(
        ChangeTasks(by=ann.id, team=board.team.id, tasks=numbers, fields=TaskFields(assignee=bob.id))
    )
    message = await town.said(bob.chat, "3 ")
    return tasks, message


@pytest.mark.parametrize("language", LANGUAGES)
async def test_several_notices_are_one_message_with_a_button_for_each_task(town: Town, language: str) -> None:
    ann, bob, board = await pair(town, language)

    tasks, message = await several(town, ann, bob, board)
    _, shown = await town.press(bob, message, f"✅ #{tasks[1].id}")

    assert message["text"].count("\n") == 3
    assert [(await the_task(town, ann, task.id)).is_done for task in tasks] == [False, True, False]
    assert shown["text"].startswith(message["text"])


async def test_a_reply_to_several_notices_asks_which_task_was_meant(town: Town) -> None:
    ann, bob, board = await pair(town)
    tasks, message = await several(town, ann, bob, board)

    question = await bob.chat.asks("Which size?", reply_to=message["message_id"])
    assert question["text"] == plain("comment-which")
    _, shown = await town.press(bob, question, f"#{tasks[2].id} Task 2")

    assert await comments(town, ann, tasks[2].id) == ["Which size?"]
    assert plain("commented") in shown["text"]


async def test_a_comment_that_may_not_be_made_says_why(town: Town) -> None:
    ann, bob, board = await pair(town)
    _, message = await assigned(town, ann, bob, board, "Buy paper")
    await town.bus.request(RemoveMember(by=ann.id, team=board.team.id, user=bob.id))

    answer = await bob.chat.asks("Which size?", reply_to=message["message_id"])

    assert answer["text"].startswith("I cannot find that")


async def test_what_was_done_before_it_went_out_never_comes(town: Town) -> None:
    """The second notice shows that the first would have been there by then."""
    ann, bob, board = await pair(town)
    await town.people.fault("refuse", method="sendMessage", chat=bob.chat.id, code=500, times=1)
    first = await town.task(ann, board, "First", assignee=bob.id)
    await town.called(bob.chat, "First")
    await town.bus.request(CompleteTask(by=bob.id, task=first.id))

    _, second = await assigned(town, ann, bob, board, "Second")

    assert "Second" in second["text"]
    assert not [one for one in await bob.chat.sees("messages") if "First" in (one["text"] or "")]


async def test_nobody_is_told_what_they_did_themselves(town: Town) -> None:
    ann, bob, board = await pair(town)
    task = await town.task(bob, board, "Mine", assignee=bob.id)
    await town.bus.request(AddComment(by=ann.id, task=task.id, text="really?"))
    await town.said(bob.chat, "really?")

    assert not [one for one in await bob.chat.sees("messages") if "assigned" in (one["text"] or "")]


async def test_a_task_that_is_taken_away_says_so(town: Town) -> None:
    ann, bob, board = await pair(town)
    task, _ = await assigned(town, ann, bob, board, "Buy paper")
    await town.bus.request(AssignTask(by=ann.id, task=task.id, assignee=None))

    assert "no longer assigned to you" in (await town.said(bob.chat, "no longer"))["text"]
