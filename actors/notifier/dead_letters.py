"""What administrators of the site see of deliveries: those that were given up, above all."""

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.nudger import Nudger
from actors.sql import deliveries as sql
from infra.bus import Bus
from infra.db import transaction
from schemas.accounts import ActAsAdmin
from schemas.deliveries import (
    TRIES,
    AdminDeliveryCommand,
    DeliveryPage,
    DeliveryRow,
    ListDeliveries,
    RetryDelivery,
)
from schemas.errors import conflict, not_found
from schemas.notices import State

_SECONDS = 2.0


class DeadLetters:
    """Accounts says who administrates the site, and puts on record what they do here."""

    def __init__(self, bus: Bus, engine: AsyncEngine, nudger: Nudger) -> None:
        self._bus = bus
        self._engine = engine
        self._nudger = nudger

    async def page(self, query: ListDeliveries) -> DeliveryPage:
        await self._check_admin(query, f"state {query.state}")
        async with transaction(self._engine) as connection:
            found = await sql.page(connection, query.state, query.before, query.limit + 1)
        shown = found[: query.limit]
        before = shown[-1].id if len(found) > len(shown) else None
        return DeliveryPage(deliveries=[row.shown() for row in shown], before=before)

    async def retry(self, command: RetryDelivery) -> DeliveryRow:
        """What was read meanwhile is not sent again."""
        await self._check_admin(command, f"delivery {command.delivery}")
        async with transaction(self._engine) as connection:
            row = await sql.get(connection, command.delivery)
            if row is None:
                raise not_found("delivery")
            if row.state is not State.FAILED:
                raise conflict("only what was given up can be sent once more")
            left = await sql.requeue(connection, row)
            if not left:
                raise conflict("all of it was read or taken back meanwhile")
            again = replace(row, state=State.WAITING, notices=left, tries_left=TRIES, next_at=datetime.now(UTC))
            await sql.save(connection, again)
        await self._nudger.nudge({again.chat})
        return again.shown()

    async def _check_admin(self, command: AdminDeliveryCommand[Any], about: str) -> None:
        await self._bus.request(ActAsAdmin(by=command.by, act=command.tag(), about=about), timeout=_SECONDS)
