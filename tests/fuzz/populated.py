"""A small world for messages to be about: people, a team, and some of each kind of thing, in the trash too."""

from typing import Any

from infra.bus import Bus
from schemas.comments import AddComment
from schemas.labels import CreateLabel
from schemas.lists import CreateList, DeleteList
from schemas.members import AddMember, MemberRole
from schemas.search import SaveFilter, TaskFilter
from schemas.tasks import AddItem, CompleteTask, CreateTask, DeleteTask
from schemas.teams import CreateTeam
from tests.conftest import NewUser, person
from tests.fuzz.strategies import Memory


async def populate(bus: Bus, console: Bus, new_user: NewUser) -> Memory:
    """What it makes is what it remembers; the messages themselves add to that."""
    memory = Memory()

    async def ask(command: Any) -> Any:
        answer = await bus.request(command)
        memory.learn(command.reply_type(), answer)
        return answer

    ann, adam, bob, vera = [await new_user(name) for name in ("Ann", "Adam", "Bob", "Vera")]
    team = await ask(CreateTeam(by=ann.id, name="Crew", person=person(ann)))
    for user, role in ((adam, MemberRole.ADMIN), (bob, MemberRole.MEMBER), (vera, MemberRole.VIEWER)):
        await ask(AddMember(by=ann.id, team=team.id, person=person(user), role=role))
    lists = [await ask(CreateList(by=bob.id, team=team.id, name=name)) for name in ("To do", "Done", "Old")]
    tasks = [
        await ask(CreateTask(by=bob.id, list=row.id, title="Buy paper", assignee=bob.id))
        for row in (lists[0], lists[0], lists[0], lists[2])
    ]
    for task in tasks[:2]:
        await ask(AddItem(by=bob.id, task=task.id, text="Choose the paper"))
        await ask(AddComment(by=bob.id, task=task.id, text=f"@{ann.username} which?"))
        await ask(CreateLabel(by=bob.id, team=team.id, name=f"Label {task.id}", colour="#ff0000"))
        await ask(SaveFilter(by=bob.id, name=f"Filter {task.id}", filter=TaskFilter(team=team.id)))
    await ask(CompleteTask(by=bob.id, task=tasks[1].id))
    await ask(DeleteTask(by=bob.id, task=tasks[2].id))
    await ask(DeleteList(by=ann.id, list=lists[2].id))
    return memory
