"""A cable between somebody and a server, which can be cut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Cable:
    """Passes bytes on in both directions; `url` is its near end. Cut, it takes no connection and ends those it has."""

    def __init__(self, server: str) -> None:
        self._server = urlsplit(server)
        self._listening: asyncio.Server | None = None
        self._port = 0
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._port}"

    async def mend(self) -> None:
        self._listening = await asyncio.start_server(self._plug_in, "127.0.0.1", self._port)
        self._port = self._listening.sockets[0].getsockname()[1]

    def cut(self) -> None:
        if self._listening:
            self._listening.close()
        for end in self._ends:
            end.close()

    async def _plug_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._server.hostname, self._server.port)
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            self._ends -= ends


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def cable_to(server: str) -> AsyncGenerator[Cable]:
    cable = Cable(server)
    await cable.mend()
    try:
        yield cable
    finally:
        cable.cut()
