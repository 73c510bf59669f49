"""The administration: what the bot has to deliver, and what it could not."""

from gateway.access.administrators import administrator
from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record
from schemas.boards import Limit
from schemas.deliveries import DeliveryPage, DeliveryRow, ListDeliveries, RetryDelivery
from schemas.ids import DeliveryId
from schemas.notices import State


class DeliveryQuery(Record, forbid_unknown_fields=True):
    """`before` gets the next page."""

    state: State = State.FAILED
    before: DeliveryId | None = None
    limit: Limit = 50


@route("GET", "/api/admin/deliveries/", also=(403,))
async def admin_list_deliveries(ask: Ask, caller: Caller, query: DeliveryQuery) -> DeliveryPage:
    """Deliveries to Telegram in one state, newest first; those that were given up unless another is named."""
    by = administrator(caller)
    return await ask(ListDeliveries(by=by, state=query.state, before=query.before, limit=query.limit))


@route("POST", "/api/admin/deliveries/{delivery}/retry/")
async def admin_retry_delivery(ask: Ask, caller: Caller, delivery: DeliveryId) -> DeliveryRow:
    """Send once more what had been given up."""
    return await ask(RetryDelivery(by=administrator(caller), delivery=delivery))
