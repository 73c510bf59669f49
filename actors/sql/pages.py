"""Pages of teams, lists and memberships: of what the asker is in, or, for administrators of the site, of everything.

Counting stops at COUNT_LIMIT. What is in a deleted team is on no page, until the team is restored.
"""

from schemas.base import Message
from schemas.lists import ListLists
from schemas.members import ListMemberships
from schemas.search import COUNT_LIMIT
from schemas.teams import ListTeams

MY_TEAM = """json_build_object(
    'id', t.id, 'name', t.name, 'version', t.version, 'created_at', t.created_at, 'deleted_at', t.deleted_at,
    'role', me.role)"""

_AS_MEMBER = """JOIN board.members me ON me.team = t.id AND me."user" = :by"""
_AS_ADMIN = """CROSS JOIN (SELECT 'owner' AS role) me"""

_TEAMS = """board.teams t {who}
    WHERE (t.deleted_at IS NOT NULL) = :deleted AND (t.deleted_at IS NULL OR me.role = 'owner')
        AND strpos(lower(t.name), lower(CAST(:q AS text))) > 0"""
_LISTS = """board.lists l JOIN board.teams t ON t.id = l.team AND t.deleted_at IS NULL {who}
    WHERE (l.deleted_at IS NOT NULL) = :deleted AND (CAST(:team AS bigint) IS NULL OR t.id = :team)
        AND strpos(lower(l.name), lower(CAST(:q AS text))) > 0"""
_MEMBERSHIPS = """board.members m JOIN board.teams t ON t.id = m.team AND t.deleted_at IS NULL
    WHERE (CAST(:team AS bigint) IS NULL OR m.team = :team) AND (CAST(:user AS bigint) IS NULL OR m."user" = :user)
        AND (strpos(lower(m.username), lower(CAST(:q AS text))) > 0
            OR strpos(lower(m.name), lower(CAST(:q AS text))) > 0)"""


def _page(name: str, found: str, row: str, order: str) -> str:
    return f"""
        SELECT json_build_object(
            'count', (SELECT count(*) FROM (SELECT 1 FROM {found} LIMIT {COUNT_LIMIT}) bounded),
            '{name}', (SELECT coalesce(json_agg(page.row), '[]') FROM (
                SELECT {row} AS row FROM {found} ORDER BY {order} LIMIT :limit OFFSET :offset) page))"""


def _pages(who: str) -> dict[type[Message], str]:
    return {
        ListTeams: _page("teams", _TEAMS.format(who=who), MY_TEAM, "t.name, t.id"),
        ListLists: _page("lists", _LISTS.format(who=who), "l", "l.team, l.rank, l.id"),
    }


MY_PAGES = _pages(_AS_MEMBER)
ALL_PAGES = _pages(_AS_ADMIN) | {
    ListMemberships: _page("members", _MEMBERSHIPS, "m", 'm.team, m.name, m."user"'),
}
