"""Who and what the demo is made of. Days count from the start that fills it; `None` is no deadline."""

from typing import NamedTuple

from schemas.members import MemberRole
from schemas.tasks import Priority


class DemoPerson(NamedTuple):
    """Somebody in the demo."""

    username: str
    name: str
    role: MemberRole
    is_admin: bool = False


class DemoTask(NamedTuple):
    """`assignee` is a username; `due` is in days and may be a fraction; the first `ticked` steps are done."""

    title: str
    assignee: str | None = None
    due: float | None = None
    done: bool = False
    description: str = ""
    priority: Priority = Priority.NONE
    labels: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    ticked: int = 0
    said: tuple[tuple[str, str], ...] = ()
    """Who said what about it: usernames and Markdown."""


class DemoTeam(NamedTuple):
    """The first of the people owns it. Lists and tasks stand in this order."""

    name: str
    people: tuple[DemoPerson, ...]
    lists: dict[str, tuple[DemoTask, ...]]
    labels: dict[str, str]
    """Names and colours."""
    limits: dict[str, int]
    """How many open tasks a list holds at most."""


ANNA = DemoPerson("anna", "Anna Petrova", MemberRole.OWNER)
BEN = DemoPerson("ben", "Ben Okafor", MemberRole.ADMIN)
CLARA = DemoPerson("clara", "Clara Jensen", MemberRole.MEMBER)
DMITRI = DemoPerson("dmitri", "Дмитрий Волков", MemberRole.VIEWER)

PEOPLE = (ANNA, BEN, CLARA, DMITRI)
ADMIN = DemoPerson("admin", "Alex Admin", MemberRole.VIEWER, is_admin=True)
"""Looks after the site, and is in no team."""

_BACKLOG = (
    DemoTask("Collect the questions that support hears most", "clara", 9),
    DemoTask("Compare three newsletter services", None, 14, priority=Priority.LOW),
    DemoTask("Find photographs of the new office", "ben"),
    DemoTask("Подготовить русскую версию главной страницы", "anna", 12, description="Тексты, меню и подвал."),
    DemoTask("Decide what happens to the old blog", None, 21, description="Archive it, move it, or leave it be?"),
)
_NEXT = (
    DemoTask(
        "Write the text of the pricing page",
        "clara",
        3,
        description="Two plans; say *plainly* what is in each:\n\n- who it is for\n- what it costs a month",
        priority=Priority.HIGH,
        labels=("Text",),
        said=(
            ("anna", "@clara, do we still have the old prices somewhere?"),
            ("clara", "In the wiki, under **Sales**."),
        ),
    ),
    DemoTask(
        "Check every form with a screen reader",
        "ben",
        5,
        labels=("Accessibility",),
        steps=("Sign-in", "Search", "Contact", "Order"),
        ticked=1,
    ),
    DemoTask("Redirect the addresses that search engines know", "ben", 6, description="The list is in the wiki."),
    DemoTask("Measure the start page on a slow phone", None, 4),
    DemoTask("Book the photographer", "anna", 2),
)
_IN_PROGRESS = (
    DemoTask(
        "Draw the new start page",
        "clara",
        0.2,
        description="Wide, narrow, and dark.",
        priority=Priority.HIGH,
        labels=("Design",),
        steps=("Wide", "Narrow", "Dark"),
        ticked=1,
    ),
    DemoTask(
        "Move the sign-in to the new address",
        "ben",
        -1,
        description="Keep the old one for a month.",
        priority=Priority.URGENT,
        labels=("Technique",),
        steps=("Certificate", "Redirect", "Tell the support"),
        ticked=2,
        said=(("ben", "Waiting for the certificate."),),
    ),
    DemoTask("Agree on the wording of the cookie note", "anna", -3),
    DemoTask("Set up the preview server", "ben", 0.3),
    DemoTask("Согласовать договор с хостингом", "anna", 1),
)
_REVIEW = (
    DemoTask(
        "Colours with enough contrast",
        "anna",
        0.4,
        description="All text at 4.5 to 1 or better.",
        labels=("Design", "Accessibility"),
    ),
    DemoTask("Search that forgives a typing error", "clara", 2),
    DemoTask("Texts of the error pages", "ben", -2),
    DemoTask("Print style for invoices", "clara", 7),
)
_DONE = (
    DemoTask("Choose the font", "clara", -9, done=True),
    DemoTask("Interview five customers", "anna", -12, done=True, description="Notes are in the shared folder."),
    DemoTask("Sketch the navigation", "clara", -6, done=True),
    DemoTask("Renew the certificate", "ben", -4, done=True),
    DemoTask("Count the pages that nobody visits", "ben", None, done=True),
    DemoTask("Announce the relaunch to the team", "anna", -14, done=True),
)

WEBSITE = DemoTeam(
    "Website relaunch",
    PEOPLE,
    {"Backlog": _BACKLOG, "Next": _NEXT, "In progress": _IN_PROGRESS, "Review": _REVIEW, "Done": _DONE},
    {"Text": "#2f6fde", "Design": "#b5459b", "Technique": "#2a8a5f", "Accessibility": "#c77a1b"},
    {"In progress": 6, "Review": 5},
)
OFFICE = DemoTeam(
    "Office",
    (BEN._replace(role=MemberRole.OWNER), ANNA._replace(role=MemberRole.MEMBER)),
    {
        "To do": (
            DemoTask("Order coffee", "anna", 1),
            DemoTask("Water the plants", "ben", 0.1),
            DemoTask("Repair the door of the small meeting room", None, -1),
        ),
        "Done": (DemoTask("Find out who has the third key", "ben", -5, done=True),),
    },
    {},
    {},
)
TEAMS = (WEBSITE, OFFICE)
