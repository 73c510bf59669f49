"""What must hold when it is over."""

from collections import Counter
from collections.abc import Sequence

from tests.actors.mirror import Mirror
from tests.chaos.creators import Creators
from tests.chaos.evidence import Database, stream_ids
from tests.chaos.reader import Reader
from tests.chaos.scene import Scene
from tests.waiting import wait_for

DRAIN_SECONDS = 60.0
"""The outbox keeps an event for 10 s after its acknowledgement, and one whose owner is gone for 30 s before."""


async def check_tasks(scene: Scene, creators: Creators) -> int:
    """Each acknowledged task once, no task twice; gives how many are there of which nobody was told."""
    titles = await Database(scene.running.settings.database_url).titles(scene.team)
    lost = [title for title in creators.acknowledged if titles[title] == 0]
    twice = [title for title, count in titles.items() if count > 1]
    keyed = [title for title, has_key in creators.asked.items() if has_key]
    assert not creators.strange
    assert not lost, f"{len(lost)} acknowledged tasks are gone"
    assert not twice, f"{len(twice)} tasks are there twice"
    assert not [title for title in keyed if title not in creators.acknowledged], "a retry did not come to an end"
    assert not [title for title in creators.not_done if titles[title]], "something was done that was said not to be"
    assert set(titles) <= set(creators.asked)
    return len(titles) - len(creators.acknowledged)


async def check_history(scene: Scene) -> int:
    """Positions without gap or double; gives the last one."""
    history = await Database(scene.running.settings.database_url).history(scene.team)
    expected = [(seq, seq) for seq in range(1, len(history) + 1)]
    assert history == expected
    return len(history)


async def check_readers(scene: Scene, readers: Sequence[Reader], first: int, last: int) -> None:
    """Each saw every event once and in order, and holds what a fresh board holds."""
    for reader in readers:
        await wait_for(lambda reader=reader: reader.seq == last, timeout=30)
        assert reader.faults == []
        assert reader.resets == 0
        assert reader.seen == list(range(first + 1, last + 1))
    async with scene.client() as session:
        fresh = Mirror(await readers[0].board(session)).content()
    for reader in readers:
        assert reader.content() == fresh


async def check_stream(*scenes: Scene) -> Counter[str]:
    """When the outbox is empty the stream holds every event of each team. Stops the product."""
    running = scenes[0].running
    database = Database(running.settings.database_url)
    lasts = [await check_history(scene) for scene in scenes]

    async def is_empty() -> bool:
        return await database.waiting() == 0

    await wait_for(is_empty, timeout=DRAIN_SECONDS)
    said = await running.stop()
    assert said.code == 0, said.err
    found = await stream_ids(running.data / "nats", running.data.parent)
    for scene, last in zip(scenes, lasts, strict=True):
        ours = {message_id for message_id in found if message_id.startswith(f"{scene.team}.")}
        assert ours == {f"{scene.team}.{seq}" for seq in range(1, last + 1)}
    return found
