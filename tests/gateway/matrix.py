"""The authorization matrix: for each route, what everybody gets who might knock.

A row is an answer's status for each asker, and `OK` stands for the status that the route documents. What belongs to a
team hides from those outside it (404) and says to those inside why not (403).
"""

from enum import StrEnum

OK = 0


class Who(StrEnum):
    """Everybody who might call. The tokens are the team's owner's own."""

    ANONYMOUS = "anonymous"
    OUTSIDER = "outsider"
    ELSEWHERE = "owner of another team"
    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"
    SITE_ADMIN = "site admin"
    SERVICE = "service token"
    READING = "read-only token"
    WRITING = "read and write token"


Row = dict[Who, int]

_LADDER = [Who.VIEWER, Who.MEMBER, Who.ADMIN, Who.OWNER]
_PEOPLE = [Who.OUTSIDER, Who.ELSEWHERE, *_LADDER, Who.SITE_ADMIN]
_STRANGERS = {Who.OUTSIDER: 404, Who.ELSEWHERE: 404, Who.SITE_ADMIN: 404}
_NOBODY = {Who.ANONYMOUS: 401, Who.SERVICE: 401}


def _team(least: Who, *, reads: bool = False) -> Row:
    """Part of a team: for members who are at least that. A site admin has no part in it but through /api/admin/."""
    inside = {who: OK if place >= _LADDER.index(least) else 403 for place, who in enumerate(_LADDER)}
    return _STRANGERS | _NOBODY | inside | {Who.READING: OK if reads else 403, Who.WRITING: OK}


def _own(*, reads: bool = False) -> Row:
    """One's own: for everybody who is signed in, each for themselves."""
    return _NOBODY | dict.fromkeys(_PEOPLE, OK) | {Who.READING: OK if reads else 403, Who.WRITING: OK}


def _in_person() -> Row:
    """One's own, and no token's: with a stolen one nobody takes the account over."""
    return _own() | {Who.READING: 403, Who.WRITING: 403}


EVERYBODY: Row = dict.fromkeys(Who, OK)
INVITED: Row = dict.fromkeys(Who, 403)
"""Nobody without an invite."""
READ_TEAM, USE_TEAM = _team(Who.VIEWER, reads=True), _team(Who.VIEWER)
CHANGE_BOARD, MANAGE_TEAM, OWN_TEAM = _team(Who.MEMBER), _team(Who.ADMIN), _team(Who.OWNER)
READ_MANAGED = _team(Who.ADMIN, reads=True)
READ_OWN, CHANGE_OWN, IN_PERSON = _own(reads=True), _own(), _in_person()
AUTHOR = CHANGE_BOARD | {Who.ADMIN: 403, Who.OWNER: 403, Who.WRITING: 403}
"""The thing is the member's, and nobody puts words into another's mouth."""
JOIN: Row = CHANGE_OWN | dict.fromkeys([*_LADDER, Who.WRITING], 409)
"""For those who are not in the team yet."""
ADMINISTRATION: Row = _NOBODY | dict.fromkeys([*_PEOPLE, Who.READING, Who.WRITING], 403) | {Who.SITE_ADMIN: OK}
SERVICES: Row = dict.fromkeys(Who, 401) | {Who.SERVICE: OK}

ROWS: dict[str, Row] = {
    # Signing in, one's account
    "login": EVERYBODY,
    "logout": EVERYBODY,
    "register": INVITED,
    "registration": EVERYBODY,
    "me": READ_OWN,
    "update_me": CHANGE_OWN,
    "change_password": IN_PERSON,
    "list_sessions": IN_PERSON,
    "end_other_sessions": IN_PERSON,
    "end_session": IN_PERSON,
    "list_tokens": IN_PERSON,
    "create_token": IN_PERSON,
    "revoke_token": IN_PERSON,
    # Telegram
    "create_code": SERVICES,
    "confirm": IN_PERSON,
    "confirm_link": IN_PERSON,
    "start_telegram": IN_PERSON,
    "get_link": READ_OWN,
    "unlink": IN_PERSON,
    "list_linked_tasks": SERVICES,
    "complete_linked_task": SERVICES,
    # Notices
    "list_notices": READ_OWN,
    "read_notices": CHANGE_OWN,
    "snooze_notice": CHANGE_OWN,
    "get_preferences": READ_OWN,
    "change_preferences": CHANGE_OWN,
    "get_reminder": READ_TEAM,
    "change_reminder": USE_TEAM,
    "list_groups": READ_TEAM,
    "change_group": MANAGE_TEAM,
    "unbind_group": MANAGE_TEAM,
    # Teams
    "list_teams": READ_OWN,
    "create_team": CHANGE_OWN,
    "get_team": READ_TEAM,
    "rename_team": MANAGE_TEAM,
    "delete_team": OWN_TEAM,
    "restore_team": OWN_TEAM,
    "transfer_team": OWN_TEAM,
    "get_trash": READ_TEAM,
    "get_board": READ_TEAM,
    "list_members": READ_TEAM,
    "add_member": MANAGE_TEAM,
    "change_member": MANAGE_TEAM,
    "remove_member": MANAGE_TEAM,
    "list_invites": READ_MANAGED,
    "create_invite": MANAGE_TEAM,
    "revoke_invite": MANAGE_TEAM,
    "look_at_invite": EVERYBODY,
    "accept_invite": JOIN,
    # Lists
    "list_lists": READ_OWN,
    "create_list": CHANGE_BOARD,
    "get_list": READ_TEAM,
    "update_list": CHANGE_BOARD,
    "delete_list": MANAGE_TEAM,
    "move_list": CHANGE_BOARD,
    "restore_list": MANAGE_TEAM,
    # Tasks
    "list_tasks": READ_OWN,
    "create_task": CHANGE_BOARD,
    "my_tasks": READ_OWN,
    "get_task": READ_TEAM,
    "update_task": CHANGE_BOARD,
    "delete_task": CHANGE_BOARD,
    "complete_task": CHANGE_BOARD,
    "reopen_task": CHANGE_BOARD,
    "move_task": CHANGE_BOARD,
    "restore_task": CHANGE_BOARD,
    "change_tasks": CHANGE_BOARD,
    "archive_task": CHANGE_BOARD,
    "unarchive_task": CHANGE_BOARD,
    "watch_task": USE_TEAM,
    "unwatch_task": USE_TEAM,
    "add_item": CHANGE_BOARD,
    "change_item": CHANGE_BOARD,
    "move_item": CHANGE_BOARD,
    "remove_item": CHANGE_BOARD,
    "list_comments": READ_TEAM,
    "add_comment": CHANGE_BOARD,
    "edit_comment": AUTHOR,
    "delete_comment": CHANGE_BOARD,
    "list_labels": READ_TEAM,
    "create_label": CHANGE_BOARD,
    "update_label": CHANGE_BOARD,
    "delete_label": CHANGE_BOARD,
    # History
    "list_activity": READ_TEAM,
    "undo": CHANGE_BOARD,
    "get_visit": READ_TEAM,
    "mark_seen": USE_TEAM,
    # What people keep for themselves
    "list_filters": READ_OWN,
    "save_filter": CHANGE_OWN,
    "delete_filter": CHANGE_OWN,
    # Administration
    "admin_list_users": ADMINISTRATION,
    "admin_create_user": ADMINISTRATION,
    "admin_update_user": ADMINISTRATION,
    "admin_list_audit": ADMINISTRATION,
    "admin_list_teams": ADMINISTRATION,
    "admin_create_team": ADMINISTRATION,
    "admin_rename_team": ADMINISTRATION,
    "admin_delete_team": ADMINISTRATION,
    "admin_restore_team": ADMINISTRATION,
    "admin_list_memberships": ADMINISTRATION,
    "admin_add_member": ADMINISTRATION,
    "admin_change_member": ADMINISTRATION,
    "admin_remove_member": ADMINISTRATION,
    "admin_list_lists": ADMINISTRATION,
    "admin_create_list": ADMINISTRATION,
    "admin_update_list": ADMINISTRATION,
    "admin_delete_list": ADMINISTRATION,
    "admin_restore_list": ADMINISTRATION,
    "admin_list_tasks": ADMINISTRATION,
    "admin_create_task": ADMINISTRATION,
    "admin_update_task": ADMINISTRATION,
    "admin_delete_task": ADMINISTRATION,
    "admin_restore_task": ADMINISTRATION,
    "admin_list_deliveries": ADMINISTRATION,
    "admin_retry_delivery": ADMINISTRATION,
    # Health
    "alive": EVERYBODY,
    "ready": EVERYBODY,
}
