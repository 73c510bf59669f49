"""The models of Telegram's Bot API, each built when it is first used."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pydantic import BaseModel


def build_when_used() -> None:
    """Import aiogram without building all that it has; to be called before anything else imports it.

    aiogram asks pydantic for all 633 models while it is imported: four seconds of a processor and 100 MB, of which the
    bot needs a tenth. Pydantic builds a model when it is first used, too, and then looks for the names in it where it
    was written; aiogram hands them over only while it is imported, so they are kept there.
    """
    if "aiogram" in sys.modules:
        return
    names: dict[str, Any] = {}

    def keep_names(_: type[BaseModel], *, _types_namespace: Mapping[str, Any] | None = None) -> None:
        names.update(_types_namespace or {})

    rebuild = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(keep_names)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        import_module("aiogram.methods")
    finally:
        BaseModel.model_rebuild = rebuild
    for module, where in sys.modules.items():
        if module.startswith(("aiogram.types.", "aiogram.methods.")):
            vars(where).update(names | vars(where))
