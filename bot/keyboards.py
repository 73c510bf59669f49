"""The buttons below messages."""

from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import callbacks as to
from bot.links import Links
from bot.texts import LANGUAGES, TEXTS, Texts
from schemas.accounts import Language
from schemas.ids import NoticeId, TaskId, TeamId
from schemas.members import Member
from schemas.notices import Kind
from schemas.tasks import TaskView
from schemas.teams import MyTeam

Row = list[InlineKeyboardButton]
Buttons = InlineKeyboardMarkup | None

MEMBERS_SHOWN = 8
TEAMS_SHOWN = 30
_LABEL_LENGTH = 40
UNSETTLED = frozenset({Kind.ASSIGNED, Kind.UNASSIGNED, Kind.MENTIONED, Kind.COMMENTED, Kind.DUE_SOON, Kind.OVERDUE})
"""Kinds that tell of a task which somebody may still do."""


def _button(text: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data.pack())


def _label(text: str) -> str:
    return text if len(text) <= _LABEL_LENGTH else text[: _LABEL_LENGTH - 1] + "…"


def keyboard(*rows: Row) -> Buttons:
    """None where there is no button at all, since Telegram wants one then."""
    filled = [row for row in rows if row]
    return InlineKeyboardMarkup(inline_keyboard=filled) if filled else None


def _in_rows(buttons: Sequence[InlineKeyboardButton], width: int) -> list[Row]:
    return [list(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def _open(texts: Texts, url: str | None) -> Row:
    return [InlineKeyboardButton(text=texts.say("button-open"), url=url)] if url else []


def of_notice(
    texts: Texts, links: Links, *, kind: Kind, team: TeamId, task: TaskId | None, notice: NoticeId, is_group: bool
) -> Buttons:
    """What can be done about a notice; in a group nobody can snooze for all."""
    if task is None:
        return keyboard(_open(texts, links.team(team)))
    # A message that does not know its notice offers nothing to snooze, whatever is done below it.
    work = _work(texts, task, to.NO_NOTICE if is_group else notice) if kind in UNSETTLED else []
    snooze = [] if is_group else _snooze(texts, task, notice)
    return keyboard(work, snooze, _open(texts, links.task(team, task)))


def of_task(texts: Texts, links: Links, task: TaskView, notice: NoticeId = to.NO_NOTICE) -> Buttons:
    """What can be done with a task, below a message that is about it."""
    work = [] if task.is_done else _work(texts, task.id, notice)
    snooze = _snooze(texts, task.id, notice) if notice and not task.is_done else []
    return keyboard(work, snooze, _open(texts, links.task(task.team, task.id)))


def _work(texts: Texts, task: TaskId, notice: NoticeId) -> Row:
    return [
        _button(texts.say("button-done"), to.Done(task=task, notice=notice)),
        _button(texts.say("button-give"), to.Members(task=task, notice=notice)),
    ]


def _snooze(texts: Texts, task: TaskId, notice: NoticeId) -> Row:
    return [
        _button(texts.say("button-hour"), to.Snooze(task=task, notice=notice, until=to.Until.HOUR)),
        _button(texts.say("button-tomorrow"), to.Snooze(task=task, notice=notice, until=to.Until.TOMORROW)),
    ]


def after(
    texts: Texts,
    links: Links,
    task: TaskView,
    act: to.Act,
    previous: int = 0,
    *,
    notice: NoticeId = to.NO_NOTICE,
    with_work: bool = False,
) -> Buttons:
    """What can be done once something was done, maybe below a notice: take it back first of all."""
    back = to.Undo(act=act, task=task.id, version=task.version, previous=previous, notice=notice)
    undo = _button(texts.say("button-undo"), back)
    work = _work(texts, task.id, notice) if with_work else []
    return keyboard([undo], work, _open(texts, links.task(task.team, task.id)))


def of_summary(tasks: Sequence[TaskId]) -> Buttons:
    """One button for each task of several notices."""
    done = [_button(f"✅ #{task}", to.Done(task=task)) for task in tasks]
    return keyboard(*_in_rows(done, 3))


def of_members(texts: Texts, members: Sequence[Member], task: TaskId, notice: NoticeId, page: int) -> Buttons:
    """Whom a task can be given to, some at a time."""
    shown = members[page * MEMBERS_SHOWN : (page + 1) * MEMBERS_SHOWN]
    people = [_button(_label(one.name), to.Give(task=task, notice=notice, to=one.user)) for one in shown]
    last = (max(len(members), 1) - 1) // MEMBERS_SHOWN
    pages = [
        _button(sign, to.Members(task=task, notice=notice, page=number))
        for sign, number in (("◀", page - 1), ("▶", page + 1))
        if 0 <= number <= last
    ]
    nobody = _button(texts.say("button-nobody"), to.Give(task=task, notice=notice, to=to.NOBODY))
    back = _button(texts.say("button-back"), to.Keep(task=task, notice=notice))
    return keyboard(*_in_rows(people, 2), pages, [nobody, back])


def of_tasks(texts: Texts, tasks: Sequence[TaskView], page: int, last: int, undo: to.Untick | None = None) -> Buttons:
    """Tick off the tasks that are shown, and turn the page."""
    ticks = [_button(f"✓ {task.id}", to.Tick(task=task.id, page=page)) for task in tasks]
    back = [_button(f"{texts.say('button-undo')} #{undo.task}", undo)] if undo else []
    pages = [
        _button(sign, to.Page(page=number))
        for sign, number in (("◀", page - 1), ("▶", page + 1))
        if 0 <= number <= last
    ]
    return keyboard(back, *_in_rows(ticks, 4), pages)


def of_teams_to_create_in(texts: Texts, teams: Sequence[MyTeam]) -> Buttons:
    """One of them, or nothing at all."""
    only = len(teams) == 1
    rows = [
        [_button(texts.say("button-create") if only else _label(team.name), to.NewIn(team=team.id))]
        for team in teams[:TEAMS_SHOWN]
    ]
    return keyboard(*rows, [_button(texts.say("button-no"), to.Forget())])


def of_comment(tasks: Sequence[tuple[TaskId, str]]) -> Buttons:
    """Which task was meant, by its number and title."""
    return keyboard(*([_button(_label(f"#{task} {title}"), to.Say(task=task))] for task, title in tasks))


def of_mute(texts: Texts) -> Buttons:
    hours = [_button(texts.say("button-mute", hours=hours), to.Mute(hours=hours)) for hours in (1, 8)]
    tomorrow = _button(texts.say("button-mute-tomorrow"), to.Mute(hours=-1))
    return keyboard(hours, [tomorrow], [_button(texts.say("button-unmute"), to.Mute(hours=0))])


def of_languages() -> Buttons:
    return keyboard(
        [_button(TEXTS[one].say("language-name"), to.Speak(language=Language(one))) for one in LANGUAGES],
    )


def of_teams_to_bind(teams: Sequence[MyTeam]) -> Buttons:
    return keyboard(*([_button(_label(team.name), to.Bind(team=team.id))] for team in teams[:TEAMS_SHOWN]))


def of_kinds(texts: Texts, chosen: Sequence[Kind]) -> Buttons:
    """A mark before each kind that the group hears of."""
    kinds = [
        _button(f"{'✓' if kind in chosen else '—'} {texts.say('kind-' + kind.replace('_', '-'))}", to.Toggle(kind=kind))
        for kind in Kind
    ]
    return keyboard(*_in_rows(kinds, 2))
