"""What the notifier asks of the store: where all teams stand, what happened there, and who is in them."""

from collections.abc import AsyncGenerator

import msgspec
import pytest

from infra.bus import Bus
from infra.config import Settings
from schemas.base import Role
from schemas.errors import BusError, ErrorCode
from schemas.ids import Seq, TeamId, UserId
from schemas.members import ChangeRole, ListStandings, MemberRole, RemoveMember, Standing
from schemas.replay import ListPositions, ReadEvents
from schemas.search import GetTask
from schemas.tasks import WatchTask
from schemas.teams import DeleteTeam, RenameTeam, RestoreTeam
from tests.actors.conftest import Scene

NOWHERE = TeamId(2**52)


@pytest.fixture(scope="session")
async def notifier(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the notifier sees it."""
    async with Bus(settings, Role.NOTIFIER) as bus:
        yield bus


async def test_where_all_teams_stand_is_told_page_by_page(scene: Scene, notifier: Bus) -> None:
    found: dict[TeamId, Seq] = {}
    after: TeamId | None = None
    while page := await notifier.request(ListPositions(after=after, limit=7)):
        assert len(page) <= 7
        found |= {position.team: position.seq for position in page}
        after = page[-1].team

    assert [*found] == sorted(found)
    assert found[scene.team.id] == (await scene.board()).seq


async def test_a_team_in_the_trash_still_stands_where_it_stood(scene: Scene, notifier: Bus) -> None:
    seq = (await scene.board()).seq
    await scene.bus.request(DeleteTeam(by=scene.ann.user, team=scene.team.id))

    (position,) = await notifier.request(ListPositions(after=TeamId(scene.team.id - 1), limit=1))

    assert (position.team, position.seq) == (scene.team.id, seq + 1)


async def test_what_happened_is_read_from_a_position_on_and_some_at_a_time(scene: Scene, notifier: Bus) -> None:
    last = (await scene.board()).seq
    read: list[int] = []
    while (replay := await notifier.request(ReadEvents(team=scene.team.id, after=Seq(len(read)), limit=3))).events:
        assert len(replay.events) <= 3
        assert (replay.seq, replay.reset) == (last, False)
        read += [msgspec.json.decode(event)["seq"] for event in replay.events]

    assert read == [*range(1, last + 1)]


async def test_a_reader_that_is_ahead_of_the_history_is_told_so(scene: Scene, notifier: Bus) -> None:
    last = (await scene.board()).seq

    replay = await notifier.request(ReadEvents(team=scene.team.id, after=Seq(last + 1)))

    assert (replay.seq, replay.events, replay.reset) == (last, [], True)


async def test_there_are_no_events_of_a_team_that_is_none(notifier: Bus) -> None:
    with pytest.raises(BusError) as refusal:
        await notifier.request(ReadEvents(team=NOWHERE, after=Seq(0)))

    assert (refusal.value.code, refusal.value.detail) == (ErrorCode.NOT_FOUND, "no such team")


async def standings(notifier: Bus, scene: Scene, *users: UserId) -> list[Standing]:
    asked = ListStandings(of=tuple((scene.team.id, user) for user in users))
    return sorted(await notifier.request(asked), key=lambda standing: standing.user)


async def test_what_somebody_is_in_a_team_is_told_as_it_is_now(scene: Scene, notifier: Bus) -> None:
    ann, bob, team = scene.ann.user, scene.bob.user, scene.team.id
    await scene.bus.request(RenameTeam(by=ann, team=team, name="Others"))
    await scene.bus.request(ChangeRole(by=ann, team=team, user=bob, role=MemberRole.VIEWER))

    found = await standings(notifier, scene, ann, bob, bob, scene.olga.user)

    assert found == [
        Standing(team=team, team_name="Others", user=ann, role=MemberRole.OWNER, is_active=True),
        Standing(team=team, team_name="Others", user=bob, role=MemberRole.VIEWER, is_active=True),
    ]
    assert await notifier.request(ListStandings(of=((NOWHERE, ann),))) == []
    assert await notifier.request(ListStandings(of=())) == []


async def test_nobody_is_anything_in_a_team_that_is_in_the_trash(scene: Scene, notifier: Bus) -> None:
    ann, team = scene.ann.user, scene.team.id
    await scene.bus.request(DeleteTeam(by=ann, team=team))
    assert await standings(notifier, scene, ann) == []

    await scene.bus.request(RestoreTeam(by=ann, team=team))
    assert [standing.user for standing in await standings(notifier, scene, ann)] == [ann]


async def test_whoever_has_left_still_watches_but_is_nobody_in_the_team(scene: Scene, notifier: Bus) -> None:
    """So whoever tells watchers asks for their standings first."""
    bob, task = scene.bob.user, await scene.task()
    await scene.bus.request(WatchTask(by=bob, task=task.id))
    await scene.bus.request(RemoveMember(by=bob, team=scene.team.id, user=bob))

    assert bob in (await scene.bus.request(GetTask(by=scene.ann.user, task=task.id))).watchers
    assert await standings(notifier, scene, bob) == []
