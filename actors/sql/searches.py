"""The statements of searches, with only those conditions that are asked for.

*Walking* reads the newest tasks of each team (or list, or person) off an index and merges them; whatever else is asked
for is looked at on the way. *Gathering* is for what no index keeps in the order of ids, such as words: all that is
found is fetched and sorted, COUNT_LIMIT of them at most. *Counting* stops at COUNT_LIMIT.
"""

from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.sql.elements import TextClause

from actors.sql.reads import VIEW, VIEW_OF_TRASH
from schemas.search import COUNT_LIMIT

_STATE = "board.state(k.done_at, k.archived_at)"
_KEPT = "k.deleted_at IS NULL"
_KINDS = "unnest(CAST(:states AS integer[])) kind (state)"

# On a walk these are looked at, and so that no index can answer them: one that brings tasks in another order than that
# of ids would bring all of them.
_CONDITIONS = {
    "person": "k.assignee IS NOT DISTINCT FROM CAST(:person AS bigint)",
    "list": "k.list IS NOT DISTINCT FROM CAST(:list AS bigint)",
    "priority": "k.priority IS NOT DISTINCT FROM CAST(:priority AS text)",
    "is_done": "k.is_done = :is_done",
    "is_overdue": "k.due_at < now()",
    "due_from": "k.due_at >= :due_from",
    "due_before": "k.due_at < :due_before",
    "label": "CAST(:label AS bigint) = ANY (k.labels)",
    "watcher": "CAST(:watcher AS bigint) = ANY (k.watchers)",
    "words": """to_tsvector('pg_catalog.russian', k.title || ' ' || k.description)
        @@ websearch_to_tsquery('pg_catalog.russian', :words)""",
}
_DUE = frozenset({"is_overdue", "due_from", "due_before"})

Names = frozenset[str]
"""What is asked for: keys of _CONDITIONS, `team`, and `ranked` beside a priority that is one; `deleted`, `as_admin`."""


class _Way(NamedTuple):
    """An index to walk along: `parts` are merged, and in each the first `columns` of the index have `values`."""

    settles: str
    """The condition that holds all along."""
    columns: tuple[str, ...]
    values: tuple[str, ...]
    parts: str
    limit: str = _KEPT
    """The condition of the index."""


def _me(names: Names) -> str:
    """The teams whose tasks the asker may see."""
    team = " AND t.id = :team" if "team" in names else ""
    if "as_admin" in names:
        return f"(SELECT t.id AS team FROM board.teams t WHERE t.deleted_at IS NULL{team}) me"
    return f"""(SELECT t.id AS team FROM board.members m JOIN board.teams t ON t.id = m.team AND t.deleted_at IS NULL
        WHERE m."user" = :by{team}) me"""


def _way(names: Names) -> _Way:
    me = _me(names)
    if "deleted" in names:
        return _Way("team", ("k.team",), ("me.team",), me, "k.deleted_at IS NOT NULL")
    if "person" in names:
        values = ("CAST(:person AS bigint)", "me.team")
        return _Way("person", ("k.assignee", "k.team"), values, me, f"{_KEPT} AND k.assignee IS NOT NULL")
    if "list" in names:
        one = f"board.lists one JOIN {me} ON me.team = one.team AND one.id = :list"
        return _Way("list", ("k.list",), ("one.id",), one)
    if "ranked" in names:
        values = ("me.team", "CAST(:priority AS text)")
        return _Way("priority", ("k.team", "k.priority"), values, me, f"{_KEPT} AND k.priority <> 'none'")
    return _Way("team", ("k.team",), ("me.team",), me)


def _also(names: Names) -> str:
    return "".join(f" AND {_CONDITIONS[name]}" for name in sorted(names) if name in _CONDITIONS)


def _along(names: Names, reach: int, low: str, high: str, order: str) -> str:
    """The ids from `low` to `high` of what is asked for, the first `reach` of each part.

    Only the index of the way has rows that compare like these, and that in order.
    """
    way = _way(names)
    columns, values = (*way.columns, _STATE), ", ".join((*way.values, "kind.state"))
    kept = "" if "deleted" in names else " AND l.deleted_at IS NULL"
    return f"""{way.parts} CROSS JOIN {_KINDS} CROSS JOIN LATERAL (
        SELECT k.id FROM board.tasks k JOIN board.lists l ON l.id = k.list{kept}
        WHERE ({", ".join(columns)}, k.id) BETWEEN ({values}, {low}) AND ({values}, {high})
            AND {way.limit}{_also(names - {way.settles})}
        ORDER BY {", ".join(f"{column} {order}" for column in (*columns, "k.id"))} LIMIT {reach}) k"""


def _page(names: Names, order: str, count: str = "NULL") -> str:
    view = VIEW_OF_TRASH if "deleted" in names else VIEW
    return f"""
        shown AS MATERIALIZED (SELECT id FROM found ORDER BY id {order} LIMIT :limit)
        SELECT (SELECT CAST(coalesce(json_agg(v ORDER BY v.id DESC), '[]') AS text)
                FROM ({view} WHERE k.id = ANY (ARRAY(SELECT id FROM shown))) v),
            (SELECT max(id) FROM shown), (SELECT min(id) FROM shown), (SELECT count(*) > :limit FROM found), {count}"""


@lru_cache(1000)
def walking(names: Names, reach: int, order: str) -> TextClause:
    """Of its reach a page mostly needs a small part in each team: what that brings says how far to go in any."""
    far, bounds = (":low", ("edge.id", ":high")) if order == "DESC" else (":high", (":low", "edge.id"))
    return text(f"""
        WITH edge AS MATERIALIZED (SELECT coalesce((
            SELECT k.id FROM {_along(names, reach // 6, ":low", ":high", order)}
            ORDER BY k.id {order} OFFSET CAST(:offset AS bigint) + :limit LIMIT 1), {far}) AS id),
        found AS MATERIALIZED (
            SELECT k.id FROM edge CROSS JOIN {_along(names, reach, *bounds, order)}
            ORDER BY k.id {order} OFFSET :offset LIMIT :limit + 1),
        {_page(names, order)}""")


@lru_cache(1000)
def counting(names: Names) -> TextClause:
    along = _along(names, COUNT_LIMIT, "0", "9223372036854775807", "DESC")
    return text(f"SELECT count(*) FROM (SELECT 1 FROM {along} LIMIT {COUNT_LIMIT}) bounded")


def gathers(names: Names) -> bool:
    """Whether something is asked for that no walk comes to in order, and that may be rare."""
    if "deleted" in names:
        return False
    return bool(names & {"words", "label", "watcher"}) or (bool(names & _DUE) and "person" not in names)


@lru_cache(1000)
def gathering(names: Names, order: str) -> TextClause:
    """OFFSET 0 keeps the planner from mixing other indexes into the one that finds the set; IS TRUE, from joining."""
    settled, source = _set(names)
    return text(f"""
        WITH met AS MATERIALIZED (
            SELECT k.id FROM (SELECT k.* FROM {source} AND {_KEPT} OFFSET 0) k
            WHERE (k.list IN (SELECT l.id FROM board.lists l JOIN {_me(names)} ON me.team = l.team
                AND l.deleted_at IS NULL)) IS TRUE
            AND {_STATE} = ANY (CAST(:states AS integer[])){_also(names - settled)} LIMIT {COUNT_LIMIT}),
        found AS MATERIALIZED (
            SELECT id FROM met WHERE id BETWEEN :low AND :high ORDER BY id {order} OFFSET :offset LIMIT :limit + 1),
        {_page(names, order, "(SELECT count(*) FROM met)")}""")


def _set(names: Names) -> tuple[Names, str]:
    """Conditions that an index without an order answers, and what it brings."""
    if "words" in names:
        return Names({"words"}), f"board.tasks k WHERE {_words(names)}"
    for name, column in (("label", "k.labels"), ("watcher", "k.watchers")):
        if name in names:
            found = f"{column} <> '{{}}' AND {column} @> ARRAY[CAST(:{name} AS bigint)]"
            return Names({name}), f"board.tasks k WHERE {found}"
    due = " AND ".join(_CONDITIONS[name] for name in sorted(_DUE & names))
    parts = f"{_me(names)} CROSS JOIN {_KINDS}"
    return _DUE, f"{parts} JOIN board.tasks k ON k.team = me.team AND {_STATE} = kind.state AND {due}"


def _words(names: Names) -> str:
    """The team is a word, too; whoever may see all of them asks for the others alone."""
    teams = f"(SELECT CAST(string_agg('''#' || me.team || '''', '|') AS tsquery) FROM {_me(names)})"
    asked = "asked" if {"as_admin", "team"} & names == {"as_admin"} else f"asked && {teams}"
    return f"""board.words(k.team, k.title, k.description) @@ (
        SELECT {asked} FROM websearch_to_tsquery('pg_catalog.russian', :words) asked WHERE numnode(asked) > 0)"""
