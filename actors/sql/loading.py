"""What a batch of changes begins with: one statement loads all that the rules ask about; another locks, if need be.

Rows travel as JSON in both directions: one parameter and one result however many rows, and msgspec does the rest.
"""

from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.needs import Loaded, Needs, Undoable
from schemas.ids import TeamId, UserId

_INVOLVED = """
    SELECT unnest(CAST(:teams AS bigint[])) AS id
    UNION SELECT team FROM board.lists WHERE id = ANY (CAST(:lists AS bigint[]))
    UNION SELECT team FROM board.labels WHERE id = ANY (CAST(:labels AS bigint[]))
    UNION SELECT team FROM board.comments WHERE id = ANY (CAST(:comments AS bigint[]))
    UNION SELECT team FROM board.tasks WHERE id = ANY (CAST(:tasks AS bigint[]))"""

_LOCK = text(f"SELECT count(*) FROM (SELECT 1 FROM board.teams WHERE id IN ({_INVOLVED}) ORDER BY id FOR UPDATE) t")

# Plans are made once, not knowing how much a batch will ask for. In these forms what is asked for is looked up one by
# one, even where the planner expects so much that it would rather read all tasks there are.
_LOAD = text(f"""
    WITH involved AS MATERIALIZED ({_INVOLVED}),
    known AS MATERIALIZED (
        SELECT t.* FROM board.tasks t WHERE t.id = ANY (ARRAY(
            SELECT unnest(CAST(:tasks AS bigint[]))
            UNION SELECT task FROM board.comments WHERE id = ANY (CAST(:comments AS bigint[]))
            UNION SELECT t.id FROM unnest(CAST(:arranged AS bigint[])) a (list)
                CROSS JOIN LATERAL (SELECT id FROM board.tasks WHERE list = a.list AND deleted_at IS NULL OFFSET 0) t
            UNION SELECT t.id FROM board.tasks t
                JOIN unnest(CAST(:leaving_teams AS bigint[]), CAST(:leaving_users AS bigint[])) l (team, "user")
                ON t.team = l.team AND t.assignee = l."user" AND t.deleted_at IS NULL AND NOT t.is_done))),
    wanted AS MATERIALIZED (
        SELECT unnest(CAST(:lists AS bigint[])) AS list UNION SELECT unnest(CAST(:arranged AS bigint[]))
        UNION SELECT list FROM known)
    SELECT CAST(json_build_object(
        'teams', (SELECT coalesce(json_agg(t), '[]') FROM board.teams t WHERE id IN (SELECT id FROM involved)),
        'members', (SELECT coalesce(json_agg(m), '[]') FROM board.members m
            WHERE team IN (SELECT id FROM involved) AND (
                role = 'owner' OR lower(username) = ANY (CAST(:usernames AS text[])) OR "user" IN (
                SELECT unnest(CAST(:users AS bigint[])) UNION SELECT assignee FROM known))),
        'lists', (SELECT coalesce(json_agg(l), '[]') FROM board.lists l
            WHERE team IN (SELECT id FROM involved) AND (deleted_at IS NULL OR id IN (SELECT list FROM wanted))),
        'labels', (SELECT coalesce(json_agg(b), '[]') FROM board.labels b
            WHERE team IN (SELECT id FROM involved)
                AND (deleted_at IS NULL OR id = ANY (CAST(:labels AS bigint[])))),
        'comments', (SELECT coalesce(json_agg(c), '[]') FROM board.comments c
            WHERE id = ANY (CAST(:comments AS bigint[]))),
        'tasks', (SELECT coalesce(json_agg(k), '[]') FROM known k),
        'loads', (SELECT coalesce(json_agg(json_build_array(l.id, (SELECT count(*) FROM board.tasks t
                WHERE t.list = l.id AND t.deleted_at IS NULL AND t.archived_at IS NULL AND NOT t.is_done))), '[]')
            FROM board.lists l WHERE l.wip_limit IS NOT NULL AND l.id IN (SELECT list FROM wanted)),
        'tails', (SELECT coalesce(json_agg(json_build_array(list, tail)), '[]') FROM (
            SELECT w.list, (SELECT max(rank) FROM board.tasks t WHERE t.list = w.list AND t.deleted_at IS NULL) AS tail
            FROM wanted w) tails WHERE tail IS NOT NULL),
        'neighbours', (SELECT coalesce(json_agg(json_build_array(k.id, near.rank, near.id)), '[]')
            FROM known k CROSS JOIN LATERAL (
                SELECT t.rank, t.id FROM board.tasks t
                WHERE t.list = k.list AND t.deleted_at IS NULL AND (t.rank, t.id) < (k.rank, k.id)
                ORDER BY t.rank DESC, t.id DESC LIMIT 1) near
            WHERE k.id = ANY (CAST(:tasks AS bigint[]))),
        'outcomes', (SELECT coalesce(json_agg(o), '[]') FROM board.outcomes o
            JOIN unnest(CAST(:key_users AS bigint[]), CAST(:keys AS text[])) k ("by", key) USING ("by", key)),
        'team_ids', ARRAY(SELECT nextval('board.teams_id_seq') FROM generate_series(1, :new_teams)),
        'list_ids', ARRAY(SELECT nextval('board.lists_id_seq') FROM generate_series(1, :new_lists)),
        'task_ids', ARRAY(SELECT nextval('board.tasks_id_seq') FROM generate_series(1, :new_tasks)),
        'label_ids', ARRAY(SELECT nextval('board.labels_id_seq') FROM generate_series(1, :new_labels)),
        'comment_ids', ARRAY(SELECT nextval('board.comments_id_seq') FROM generate_series(1, :new_comments))) AS text)
""")

_LOAD_UNDOABLE = text("""
    SELECT CAST(coalesce(json_agg(u), '[]') AS text) FROM (
        SELECT w.team, w."user", last.change, (
            SELECT json_agg(json_build_object('event', e.payload, 'type', e.type, 'before', (
                SELECT payload FROM (
                    SELECT p.seq, p.payload FROM board.events p
                    WHERE p.team = e.team AND p.task = e.task AND p.seq < last.change
                        AND (e.noun = 'task' OR (p.noun = e.noun AND p.noun_id = e.noun_id))
                    UNION ALL SELECT p.seq, p.payload FROM board.events p
                    WHERE p.team = e.team AND e.task IS NULL AND p.task IS NULL
                        AND p.noun = e.noun AND p.noun_id = e.noun_id AND p.seq < last.change) earlier
                ORDER BY seq DESC LIMIT 1),
                'disturbed', EXISTS (SELECT 1 FROM board.events x
                    WHERE x.team = e.team AND x.seq > e.seq AND x.noun = e.noun AND x.noun_id = e.noun_id
                    AND (x.task = e.task OR (x.task IS NULL AND e.task IS NULL))
                    AND x."by" <> w."user" AND x.type <> 'watchers.changed')) ORDER BY e.seq)
            FROM board.events e WHERE e.team = w.team AND e.seq >= last.change AND e.change = last.change) AS events
        FROM unnest(CAST(:teams AS bigint[]), CAST(:users AS bigint[])) w (team, "user"),
        LATERAL (
            SELECT e.change FROM (
                SELECT * FROM board.events WHERE team = w.team ORDER BY seq DESC LIMIT 1000) e
            WHERE e."by" = w."user" AND e.undoes IS NULL AND e.type NOT IN ('watchers.changed', 'task.reranked')
                AND e.type NOT LIKE 'invite.%'
                AND NOT (e.type = 'member.changed' AND e.noun_id = e."by") AND NOT EXISTS (
                SELECT 1 FROM board.events done WHERE done.team = w.team AND done.undoes = e.change)
            ORDER BY e.seq DESC LIMIT 1) last) u
""")

_loaded = msgspec.json.Decoder(Loaded)
_undoable = msgspec.json.Decoder(list[Undoable])


async def lock_teams(connection: AsyncConnection, needs: Needs) -> None:
    """Lock every team that the batch touches, in the order of their ids: two batches cannot block each other."""
    await connection.execute(_LOCK, _involved(needs))


async def load(connection: AsyncConnection, needs: Needs) -> Loaded:
    """Read, from one snapshot, all that the rules will ask about; and take ids for what will be new."""
    leaving, keys = list(needs.leaving), list(needs.keys)
    parameters = _involved(needs) | {
        "users": list(needs.users),
        "usernames": list(needs.usernames),
        "arranged": list(needs.arranged),
        "leaving_teams": [team for team, _ in leaving],
        "leaving_users": [user for _, user in leaving],
        "key_users": [user for user, _ in keys],
        "keys": [key for _, key in keys],
        "new_teams": needs.new_teams,
        "new_lists": needs.new_lists,
        "new_tasks": max(needs.new_tasks - len(needs.task_ids), 0),
        "new_labels": needs.new_labels,
        "new_comments": needs.new_comments,
    }
    loaded = _loaded.decode((await connection.execute(_LOAD, parameters)).scalar_one())
    loaded.task_ids = [*needs.task_ids, *loaded.task_ids]
    return loaded


async def load_undoable(connection: AsyncConnection, undoers: set[tuple[TeamId, UserId]]) -> list[Undoable]:
    """Under the lock: the last change of each, if there is one among the last 1,000 events of the team."""
    pairs = list(undoers)
    parameters = {"teams": [team for team, _ in pairs], "users": [user for _, user in pairs]}
    return _undoable.decode((await connection.execute(_LOAD_UNDOABLE, parameters)).scalar_one())


def _involved(needs: Needs) -> dict[str, Any]:
    return {name: list(getattr(needs, name)) for name in ("teams", "lists", "labels", "comments", "tasks")}
