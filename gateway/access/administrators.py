"""Administrators of the site, refused here quickly; whoever owns the data looks again."""

from gateway.auth import Caller
from schemas.errors import forbidden
from schemas.ids import UserId


def administrator(caller: Caller) -> UserId:
    """Who asks; raises FORBIDDEN unless they administrate the site."""
    if not caller.is_admin:
        raise forbidden("only administrators may do this")
    return caller.id
