"""How aiogram is imported, in processes of their own: it can be done only once."""

import asyncio
import sys

import pytest

_NOTHING_IS_BUILT = """
from bot.models import build_when_used
build_when_used()
from aiogram.types import Update
assert not Update.__pydantic_complete__
update = Update.model_validate({"update_id": 1, "message": {
    "message_id": 2, "date": 0, "chat": {"id": 3, "type": "private"}, "text": "/start",
    "from": {"id": 3, "is_bot": False, "first_name": "Ann"}}})
assert Update.__pydantic_complete__
assert update.message.from_user.first_name == "Ann", update
"""
_EVERYTHING_CAN_BE_BUILT = """
from bot.models import build_when_used
build_when_used()
from aiogram import methods, types
models = [getattr(where, name) for where in (types, methods) for name in where.__all__]
models = [model for model in models if hasattr(model, "model_rebuild")]
assert len(models) > 500
for model in models:
    model.model_rebuild()
    assert model.__pydantic_complete__, model
"""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("code", [_NOTHING_IS_BUILT, _EVERYTHING_CAN_BE_BUILT], ids=["late", "complete"])
async def test_models_are_built_when_they_are_used_and_not_before(code: str) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()

    assert process.returncode == 0, errors.decode()
