"""Every command with curl in the documentation, run as an outsider would, in one shell, against a fresh product."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which

import pytest

from tests.whole.page import Reader, Step, steps
from tests.whole.product import Product, environ, product

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(180),
    pytest.mark.skipif(which("curl") is None, reason="needs curl: install your system's package 'curl'"),
]

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
API = ROOT / "docs" / "api.md"

ADDRESS = "http://127.0.0.1:8080"
SECONDS = 30.0
_END = b"\0"


class Shell:
    """One bash in which commands follow each other; `errors` is what they write to standard error."""

    def __init__(self, process: Process, errors: Path) -> None:
        self._process = process
        self._errors = errors

    async def run(self, commands: str) -> str:
        """What they print; a command that fails ends the shell and the test."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(commands.encode() + b"\nprintf '\\0'\n")
        try:
            printed = await asyncio.wait_for(self._process.stdout.readuntil(_END), SECONDS)
        except asyncio.IncompleteReadError as error:
            said = error.partial.decode() + self._errors.read_text()
            pytest.fail(f"these commands failed:\n{commands}\nafter they said:\n{said}")
        return printed.removesuffix(_END).decode()


@asynccontextmanager
async def shell(folder: Path) -> AsyncGenerator[Shell]:
    """In the folder from which the product was started, with its `.venv` at hand."""
    (folder / ".venv").symlink_to(sys.prefix)
    errors = folder / "stderr"
    with errors.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            "bash", "-euo", "pipefail", cwd=folder, env=environ(), stdin=PIPE, stdout=PIPE, stderr=stderr
        )
    try:
        yield Shell(process, errors)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncGenerator[Product]:
    """One whose ids and people are those of a first start, in the data folder that `make run` uses."""
    async with product(tmp_path / ".ttm", "--demo") as running:
        yield running


async def follow(page: list[Step], product: Product) -> None:
    """Type all of it, and compare each answer with the one on the page."""
    reader = Reader({ADDRESS: product.url, "...": product.password("anna")})
    async with shell(product.data.parent) as terminal:
        for step in page:
            typed = reader.type(step.commands)
            answer = await terminal.run(typed)
            told = f"line {step.line}:\n{typed}\nThe page promises:\n{step.answer}\nThe answer:\n{answer}"
            assert reader.accepts(step.answer, answer), told


async def test_the_page_about_the_api_can_be_followed_from_top_to_bottom(fresh: Product) -> None:
    page = list(steps(API.read_text()))
    assert len(page) > 1

    await follow(page, fresh)


async def test_the_commands_with_curl_in_the_readme_answer_as_it_says(shared: Product) -> None:
    before, _, section = README.read_text().partition("\n## The API\n")
    page = list(steps(section))
    assert len(page) > 1
    assert "curl -" not in before

    await follow(page, shared)
