import asyncio
import os
import signal
import sys

import msgspec
import pytest

from actors.cast import CAST, choose, main
from infra.config import ConfigError, Settings

_PLAY = """
import sys
from actors.cast import main
from infra.config import Settings
main(Settings.read(), sys.argv[1:])
"""


def test_with_no_names_all_are_chosen_in_order() -> None:
    assert choose([]) == list(CAST)


def test_an_actor_goes_by_the_name_of_its_role_or_of_its_file() -> None:
    assert [actor.role for actor in choose(["task_store", "accounts", "task-store"])] == ["task-store", "accounts"]


def test_a_name_that_nobody_has_is_refused_with_those_that_there_are() -> None:
    known = ", ".join(actor.role for actor in CAST)

    with pytest.raises(ConfigError, match=f"no such actor: acounts; there are {known}"):
        main(Settings(), ["accounts", "acounts"])


def test_a_server_that_is_not_named_is_asked_for() -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        main(Settings(nats_url="nats://127.0.0.1"), [])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_plays_until_it_is_told_to_stop(settings: Settings, how: signal.Signals) -> None:
    named = {name.upper(): str(value) for name, value in msgspec.structs.asdict(settings).items() if value}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PLAY, "accounts"), env=os.environ | named, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    async for line in process.stderr:
        if b"actor is ready" in line:
            process.send_signal(how)
    assert await process.wait() == 0
