"""The cast: which actors there are and what each is made of."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from actors.task_store import TaskStore
from infra.actor import Actor
from infra.bus import Bus
from infra.config import ConfigError, Settings
from infra.db import connect_database
from infra.process import run, supervise

CAST: Mapping[str, type[Accounts | TaskStore]] = {actor.role.value: actor for actor in (Accounts, TaskStore)}
