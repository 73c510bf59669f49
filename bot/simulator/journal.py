"""The file from which a simulator that was killed knows everything again.

A line is in the operating system's hands before the answer to the call that caused it leaves: it outlives the process,
but not the machine's power. The file grows while the simulator runs, and is written anew, without what is over, when
it starts.
"""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from bot.simulator.lines import Line

_decoder = msgspec.json.Decoder[Line](Line)


class Journal:
    """Without a file nothing is written, and nothing waits."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._lines: list[bytes] = []
        self._noted = 0
        self._written = 0
        self._turn = asyncio.Lock()

    def begin(self, path: Path, lines: Iterable[Line]) -> None:
        """Replace the file by these lines and go on behind them. Blocks: to be called before there is a loop."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f"{path.suffix}.new")
        fresh.write_bytes(b"".join(map(_encode, lines)))
        fresh.replace(path)
        self._file = path.open("ab")

    def note(self, line: Line) -> None:
        if self._file:
            self._lines.append(_encode(line))
            self._noted += 1

    async def settle(self) -> None:
        """Returns when everything noted so far is written; many who wait share one write. Raises OSError."""
        noted = self._noted
        async with self._turn:
            if self._file is None or self._written >= noted:
                return
            lines, self._lines, upto = self._lines, [], self._noted
            await asyncio.to_thread(_write, self._file, b"".join(lines))
            self._written = upto

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def read_lines(path: Path) -> Iterator[Line]:
    """What the file says. The last line may be half a line, and then counts as never written.

    Raises msgspec.DecodeError for a file that is no journal.
    """
    if path.exists():
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield _decoder.decode(line)


def _write(file: BinaryIO, lines: bytes) -> None:
    file.write(lines)
    file.flush()


def _encode(line: Line) -> bytes:
    return msgspec.json.encode(line) + b"\n"
