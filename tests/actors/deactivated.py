"""Somebody who was here."""

from infra.bus import Bus
from schemas.accounts import ChangeUser
from schemas.ids import UserId
from tests.conftest import NewUser


async def deactivated(bus: Bus, new_user: NewUser) -> UserId:
    """A user whose account an administrator has ended."""
    admin, user = await new_user("Root", is_admin=True), await new_user("Gone")
    await bus.request(ChangeUser(by=admin.id, user=user.id, is_active=False))
    return user.id
