"""The network cable between one browser and the gateway: it can really be pulled, which no browser setting does."""

import asyncio
from contextlib import suppress

_CHUNK = 65536


class Cable:
    """A TCP forwarder on a port of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._whole = True

    @property
    def address(self) -> str:
        """Where the browser finds the gateway."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def lay(self) -> str:
        """Begin to forward; returns the address for the browser."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self.address

    async def cut(self) -> None:
        """Break every connection, and each that still comes."""
        self._whole = False
        await self._break_all()

    def mend(self) -> None:
        self._whole = True

    def hold(self) -> None:
        """Let nothing through, in either direction; connections stay, so neither end can know."""
        self._flowing.clear()

    def release(self) -> None:
        self._flowing.set()

    async def remove(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._break_all()
        await self._server.wait_closed()

    async def _break_all(self) -> None:
        lines = [*self._lines]
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        line = asyncio.ensure_future(self._forward(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pump(reader, far_writer))
                    group.create_task(self._pump(far_reader, writer))
            finally:
                far_writer.transport.abort()
        except OSError:
            return  # the gateway is away; that is what the browser is shown
        finally:
            writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        # The other direction may have ended the transport already, which uvloop answers with a RuntimeError.
        with suppress(OSError, RuntimeError):
            sink.write_eof()
