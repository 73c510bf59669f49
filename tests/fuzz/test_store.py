"""The task store against a simple model: whatever people do, both allow the same, refuse the same, show the same."""

import asyncio

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from infra.bus import Bus
from tests.fuzz.effort import SEED, seconds, settings_for
from tests.fuzz.machine import Machine, World
from tests.fuzz.place_rules import PlaceRules
from tests.fuzz.rules import CommentRules, InviteRules, LabelRules, ListRules, TeamRules, UndoRules
from tests.fuzz.task_rules import ChecklistRules, TaskRules

_SHRINKING = 400
"""Seconds more for one that fails: what it shows in the end is to be short."""


class Everything(
    TeamRules, InviteRules, ListRules, LabelRules, PlaceRules, TaskRules, ChecklistRules, CommentRules, UndoRules
):
    """All that people do with a board."""


class Order(PlaceRules):
    """Two people put tasks before one another, into the trash and back."""

    crew = (0, 2)


class TakingBack(ListRules, LabelRules, PlaceRules, CommentRules, UndoRules):
    """Two people change the same things, and their minds."""

    crew = (0, 2)


@pytest.mark.timeout(seconds(60) + _SHRINKING)
@pytest.mark.parametrize(("kind", "examples"), [(Everything, 8), (Order, 6), (TakingBack, 12)])
async def test_the_store_does_what_the_model_does_and_its_history_tells_the_same(
    bus: Bus, kind: type[Machine], examples: int
) -> None:
    world = await asyncio.to_thread(World, bus, asyncio.get_running_loop())
    machine = hypothesis.seed(SEED)(type(kind.__name__, (kind,), {"world": world}))

    await asyncio.to_thread(run_state_machine_as_test, machine, settings=settings_for(examples, stateful_step_count=50))
