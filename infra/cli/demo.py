"""Fills an empty product with people and teams to try things with, over the bus like everyone else."""

import re
from datetime import UTC, datetime, timedelta

from infra.bus import Bus
from infra.cli.demo_content import ADMIN, PEOPLE, TEAMS, DemoPerson, DemoTask, DemoTeam
from infra.cli.ready import DemoUser
from infra.config import ConfigError, Settings
from infra.embedded.folder import Folder, new_secret
from schemas.accounts import CreateUser, FindUser, User
from schemas.base import Role
from schemas.comments import AddComment
from schemas.errors import BusError, ErrorCode
from schemas.ids import LabelId, ListId, UserId
from schemas.labels import CreateLabel
from schemas.lists import CreateList, UpdateList
from schemas.members import AddMember, Person
from schemas.tasks import AddItem, ChangeItem, CompleteTask, CreateTask
from schemas.teams import CreateTeam

_FILLED = "DEMO_FILLED"


async def fill(settings: Settings, folder: Folder) -> list[DemoUser]:
    """Make what the demo lacks; on later starts only say who is there. Raises BusError and ConfigError.

    Each change has a key, so a start after one that was broken off makes nothing twice.
    """
    async with Bus(settings, Role.CONSOLE) as bus:
        found = {person: await _find(bus, person.username) for person in (*PEOPLE, ADMIN)}
        users = {person.username: user or await _create(bus, folder, person) for person, user in found.items()}
        secrets = folder.secrets()
        if _FILLED not in secrets or None in found.values():
            for team in TEAMS:
                await _fill_team(bus, team, users)
            folder.keep_secrets({_FILLED: "yes"})
    return [_sign_in(secrets, person) for person in (*PEOPLE, ADMIN)]


def _sign_in(secrets: dict[str, str], person: DemoPerson) -> DemoUser:
    if not (password := secrets.get(_variable(person))):
        raise ConfigError(f"the demo needs the username {person.username}, which somebody else has; start without it")
    return DemoUser(person.username, password, "site admin" if person.is_admin else person.role.value)


def _variable(person: DemoPerson) -> str:
    return f"DEMO_PASSWORD_{person.username.upper()}"


async def _find(bus: Bus, username: str) -> User | None:
    try:
        return await bus.request(FindUser(username=username))
    except BusError as error:
        if error.code is ErrorCode.NOT_FOUND:
            return None
        raise


async def _create(bus: Bus, folder: Folder, person: DemoPerson) -> User:
    """The password is kept before it is used, so that there is never a user whose password nobody knows."""
    password = folder.secrets().get(_variable(person)) or new_secret()[:16]
    folder.keep_secrets({_variable(person): password})
    command = CreateUser(username=person.username, name=person.name, password=password, is_admin=person.is_admin)
    return await bus.request(command)


async def _fill_team(bus: Bus, team: DemoTeam, users: dict[str, User]) -> None:
    owner = users[team.people[0].username].id
    key = f"demo-{_slug(team.name)}"
    made = await bus.request(CreateTeam(by=owner, name=team.name, person=_person(users, team.people[0]), key=key))
    for member in team.people[1:]:
        person = _person(users, member)
        member_key = f"{key}-{member.username}"
        await bus.request(AddMember(by=owner, team=made.id, person=person, role=member.role, key=member_key))
    labels: dict[str, LabelId] = {}
    for name, colour in team.labels.items():
        label = CreateLabel(by=owner, team=made.id, name=name, colour=colour, key=f"{key}-label-{_slug(name)}")
        labels[name] = (await bus.request(label)).id
    for name, tasks in team.lists.items():
        list_key = f"{key}-{_slug(name)}"
        column = await bus.request(CreateList(by=owner, team=made.id, name=name, key=list_key))
        for number, task in enumerate(tasks):
            await _fill_task(bus, owner, column.id, task, users, labels, f"{list_key}-{number}")
        if limit := team.limits.get(name):
            await bus.request(UpdateList(by=owner, list=column.id, wip_limit=limit, key=f"{list_key}-limit"))


async def _fill_task(
    bus: Bus,
    owner: UserId,
    column: ListId,
    task: DemoTask,
    users: dict[str, User],
    labels: dict[str, LabelId],
    key: str,
) -> None:
    # Whole minutes look like what a person would have typed.
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    made = await bus.request(
        CreateTask(
            by=owner,
            list=column,
            title=task.title,
            description=task.description,
            assignee=users[task.assignee].id if task.assignee else None,
            priority=task.priority,
            labels=tuple(sorted(labels[name] for name in task.labels)),
            due_at=now + timedelta(days=task.due) if task.due is not None else None,
            key=key,
        )
    )
    for number, step in enumerate(task.steps):
        done = await bus.request(AddItem(by=owner, task=made.id, text=step, key=f"{key}-step-{number}"))
        if number < task.ticked:
            item = done.checklist[-1].id
            await bus.request(ChangeItem(by=owner, task=made.id, item=item, is_done=True, key=f"{key}-tick-{number}"))
    for number, (username, text) in enumerate(task.said):
        await bus.request(AddComment(by=users[username].id, task=made.id, text=text, key=f"{key}-said-{number}"))
    if task.done:
        await bus.request(CompleteTask(by=made.assignee or owner, task=made.id, key=f"{key}-done"))


def _person(users: dict[str, User], person: DemoPerson) -> Person:
    user = users[person.username]
    return Person(user=user.id, username=user.username, name=user.name)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())
