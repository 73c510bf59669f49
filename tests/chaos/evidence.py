"""What is left of it all in the database and in the stream."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, DeliverPolicy

from infra.children import Children, Program
from infra.embedded.binaries import nats_server
from infra.ports import any_free_port
from schemas.base import EVENTS_STREAM, EVENTS_SUBJECTS

_PAGE = 1000
_PAGE_SECONDS = 20


class Database:
    """The task store's tables, past the task store."""

    def __init__(self, url: str) -> None:
        self._url = url

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[asyncpg.Connection]:
        connection = await asyncpg.connect(self._url)
        try:
            yield connection
        finally:
            await connection.close()

    async def history(self, team: int) -> list[tuple[int, int]]:
        """Of each event its position in the table and its position in the text, in order."""
        async with self._connection() as connection:
            rows = await connection.fetch(
                "SELECT seq, CAST(payload ->> 'seq' AS bigint) AS told FROM board.events WHERE team = $1 ORDER BY seq",
                team,
            )
        return [(row["seq"], row["told"]) for row in rows]

    async def waiting(self) -> int:
        """How many events the outbox holds."""
        async with self._connection() as connection:
            return await connection.fetchval("SELECT count(*) FROM board.outbox") or 0

    async def titles(self, team: int) -> Counter[str]:
        """How many tasks there are of each title."""
        async with self._connection() as connection:
            rows = await connection.fetch("SELECT title FROM board.tasks WHERE team = $1", team)
        return Counter(row["title"] for row in rows)


async def stream_ids(store: Path, logs: Path) -> Counter[str]:
    """How often the stream holds each event, by message id, as they lie on disk.

    Nobody in the product may read the stream past its owners, so another server is started on `store`, which must be
    at rest.
    """
    conf = logs / "reading.conf"
    conf.write_text(f'jetstream {{ store_dir: "{store}", max_file_store: 4GB }}\n')
    arguments = ["-c", str(conf), "-a", "127.0.0.1", "-p", str(any_free_port("127.0.0.1"))]
    url = f"nats://127.0.0.1:{arguments[-1]}"

    async def probe() -> None:
        await (await _connect(url)).close()

    program = Program(
        role="nats", argv=[str(nats_server()), *arguments], environ={}, log_file=logs / "reading.log", probe=probe
    )
    children = Children(logs / "reading.json")
    async with children:
        await children.launch(program)
        await children.ready(20)
        return await _count(url)


async def _connect(url: str) -> Client:
    async def quiet(_error: Exception) -> None: ...

    return await nats.connect(url, allow_reconnect=False, error_cb=quiet)


async def _count(url: str) -> Counter[str]:
    found: Counter[str] = Counter()
    client = await _connect(url)
    try:
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
        consumer = await client.jetstream().pull_subscribe(EVENTS_SUBJECTS, stream=EVENTS_STREAM, config=config)
        waiting = (await consumer.consumer_info()).num_pending or 0
        while found.total() < waiting:
            for message in await consumer.fetch(min(_PAGE, waiting - found.total()), timeout=_PAGE_SECONDS):
                found[(message.headers or {})["Nats-Msg-Id"]] += 1
                await message.ack()
        return found
    finally:
        await client.close()
