"""Teams that can be deleted, members who may no longer sign in, invites, and people as accounts last told of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005_teams"
down_revision = "0004_work"

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("teams", sa.Column("deleted_at", _moment), schema="board")
    active = sa.Column("is_active", sa.Boolean, nullable=False, server_default="true")
    op.add_column("members", active, schema="board")
    in_trash = sa.text("deleted_at IS NOT NULL")
    op.create_index("ix_tasks_trash", "tasks", ["team", "deleted_at"], schema="board", postgresql_where=in_trash)
    _invites()
    _people()


def _invites() -> None:
    op.create_table(
        "invites",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("uses_left", sa.Integer),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_invites_team"),
        sa.UniqueConstraint("digest", name="uq_invites_digest"),
        schema="board",
    )
    for column in ("team", "expires_at"):
        op.create_index(f"ix_invites_{column}", "invites", [column], schema="board")


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_people"),
        schema="board",
    )


def downgrade() -> None:
    for table in ("people", "invites"):
        op.drop_table(table, schema="board")
    op.drop_index("ix_tasks_trash", "tasks", schema="board")
    op.drop_column("members", "is_active", schema="board")
    op.drop_column("teams", "deleted_at", schema="board")
