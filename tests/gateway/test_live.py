"""Live updates over `/ws/team/<id>/`."""

from tests.gateway.conftest import Crew


async def test_a_socket_is_told_where_it_stands_and_then_every_event_with_its_action_in_front(crew: Crew) -> None:
    here = await crew.position()
    ear = await crew.ann.listen(crew.team, after=here)

    assert await ear.frame() == {"type": "ready", "seq": here}

    task = await crew.task("Buy paper")
    await crew.ann.delete(f"/api/tasks/{task}/")
    created, deleted = await ear.frames(2)

    assert [*created][0] == "action"
    assert (created["action"], created["type"], created["seq"]) == ("created", "task.created", here + 1)
    assert created["task"]["title"] == "Buy paper"
    assert (deleted["action"], deleted["type"], deleted["seq"]) == ("deleted", "task.deleted", here + 2)
    await ear.close()
