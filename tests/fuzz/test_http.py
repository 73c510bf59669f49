"""The served API, called at random as its document allows and as it does not: no 5xx, no undocumented answer."""

import math
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from infra.bus import Bus
from schemas.accounts import CreateUser
from schemas.base import Role
from tests.fuzz.api import Run, Who, schemathesis
from tests.fuzz.effort import MINUTES, seconds
from tests.whole.product import Product, start

_MEMBER, _ADMIN, _NOBODY = 32, 18, 10
"""Seconds of each minute, for who calls."""
_PASSWORD = "that no example in the document has"


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    """With the demo in it, and no limits that would keep calls away from what is to be tried."""
    data = tmp_path_factory.mktemp("fuzzed") / "data"
    running = await start(data, "--demo", WRITE_LIMIT="0", TRUST_PROXY="true", REGISTRATION="open")
    yield running
    await running.insist()


@pytest.mark.whole
@pytest.mark.timeout(seconds(_MEMBER) + 120)
async def test_a_member_gets_no_answer_that_is_not_documented(product: Product, tmp_path: Path) -> None:
    anna = Who("anna", product.password("anna"))

    run = await fuzz(product, anna, tmp_path, _MEMBER)

    assert len([label for label, accepted in run.accepted.items() if accepted]) > 20


@pytest.mark.whole
@pytest.mark.timeout(seconds(_ADMIN) + 120)
async def test_an_admin_gets_no_answer_that_is_not_documented(product: Product, tmp_path: Path) -> None:
    async with Bus(product.settings, Role.CONSOLE) as console:
        root = await console.request(CreateUser(username="root", password=_PASSWORD, name="Root", is_admin=True))

    run = await fuzz(product, Who("root", _PASSWORD, root.id), tmp_path, _ADMIN)

    assert [label for label, accepted in run.accepted.items() if accepted and " /api/admin/" in label]


@pytest.mark.whole
@pytest.mark.timeout(seconds(_NOBODY) + 120)
async def test_nobody_gets_no_answer_that_is_not_documented(product: Product, tmp_path: Path) -> None:
    await fuzz(product, Who(), tmp_path, _NOBODY)


async def fuzz(product: Product, who: Who, folder: Path, share: int) -> Run:
    """Fails with what Schemathesis says, and when a process of the product ended or logged a failure."""
    before = {child["role"]: child["pid"] for child in product.running()}
    token = product.settings.service_token
    run = await schemathesis(product.url, who, token, folder, math.ceil(share * MINUTES))
    assert run.code == 0, run.said
    assert {child["role"]: child["pid"] for child in product.running()} == before
    assert [line for line in product.complaints().splitlines() if "[error" in line or "[critical" in line] == []
    return run
