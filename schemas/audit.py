"""The audit: who did what to accounts and to rights."""

from enum import StrEnum
from typing import ClassVar

from schemas.accounts import ActName, AdminCommand
from schemas.base import OperationsEvent, Record, Role, UtcTime
from schemas.boards import Limit
from schemas.ids import AuditId, TeamId, UserId
from schemas.text import Query


class Act(StrEnum):
    """What is put on record of accounts; acts on teams go by the tag of their event or command."""

    SIGNED_IN = "account.signed_in"
    SIGN_IN_REFUSED = "account.sign_in_refused"
    REGISTERED = "account.registered"
    CREATED = "account.created"
    CHANGED = "account.changed"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105 - says what happened
    DEACTIVATED = "account.deactivated"
    RESTORED = "account.restored"
    ADMIN_GRANTED = "account.admin_granted"
    ADMIN_WITHDRAWN = "account.admin_withdrawn"
    TOKEN_CREATED = "token.created"  # noqa: S105 - says what happened
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - says what happened
    TELEGRAM_LINKED = "telegram.linked"
    TELEGRAM_UNLINKED = "telegram.unlinked"


ROLE_CHANGES = ("member.added", "member.changed", "member.removed", "team.transferred")
"""The events of teams that are put on record too, by their tags."""


class AuditEntry(Record):
    """One act. `by` did it, as `username`, to the person `user` or to `team`."""

    id: AuditId
    at: UtcTime
    by: UserId | None
    """None is the machine's own command line, or somebody who failed to sign in."""
    username: str
    """Theirs at that time; of a sign-in that failed, the one that was tried."""
    act: ActName
    user: UserId | None
    team: TeamId | None
    detail: str


class AuditPage(Record):
    """The newest first; `before` asks for those that follow, unless it is None."""

    entries: list[AuditEntry]
    before: AuditId | None


class ListAudit(AdminCommand[AuditPage], tag="audit.list"):
    """What was done, newest first; `q` is a part of a username, of an act or of its detail."""

    q: Query = ""
    limit: Limit = 50
    before: AuditId | None = None


class AuditRecorded(OperationsEvent, tag="audit.recorded"):
    """Something was put on record."""

    owner: ClassVar[Role] = Role.ACCOUNTS

    entry: AuditEntry
