"""Profiles, versions of users that are announced, API tokens, links to Telegram, the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003_people"
down_revision = "0002_board"

_moment = sa.DateTime(timezone=True)
_of_team = sa.text("seq IS NOT NULL")
_profile = ("language", "time_zone", "signed_out_at", "version", "announced")


def upgrade() -> None:
    _users()
    _tokens()
    _telegram_links()
    _audit()


def _users() -> None:
    for column in (
        sa.Column("language", sa.Text),
        sa.Column("time_zone", sa.Text, nullable=False, server_default="UTC"),
        sa.Column("signed_out_at", _moment),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        # Those who are here already are announced once, so that everybody knows of them.
        sa.Column("announced", sa.Boolean, nullable=False, server_default="false"),
    ):
        op.add_column("users", column, schema="accounts")
    for name in ("time_zone", "version", "announced"):
        op.alter_column("users", name, server_default=None, schema="accounts")
    where = sa.text("NOT announced")
    op.create_index("ix_users_unannounced", "users", ["id"], schema="accounts", postgresql_where=where)


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("last_used_at", _moment),
        sa.Column("expires_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["user"], ["accounts.users.id"], name="fk_tokens_user"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        schema="accounts",
    )
    op.create_index("ix_tokens_user", "tokens", ["user"], schema="accounts")


def _telegram_links() -> None:
    op.create_table(
        "telegram_links",
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("telegram", sa.BigInteger, nullable=False),
        sa.Column("linked_at", _moment, nullable=False),
        sa.Column("is_reachable", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_telegram_links"),
        sa.ForeignKeyConstraint(["user"], ["accounts.users.id"], name="fk_telegram_links_user"),
        sa.UniqueConstraint("telegram", name="uq_telegram_links_telegram"),
        schema="accounts",
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("by", sa.BigInteger),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("user", sa.BigInteger),
        sa.Column("team", sa.BigInteger),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger),
        sa.Column("role", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        schema="accounts",
    )
    for name, columns, unique in (
        ("uq_audit_team_seq", ["team", "seq"], True),
        ("ix_audit_team_user_seq", ["team", "user", "seq"], False),
    ):
        op.create_index(name, "audit", columns, unique=unique, schema="accounts", postgresql_where=_of_team)


def downgrade() -> None:
    for table in ("audit", "telegram_links", "tokens"):
        op.drop_table(table, schema="accounts")
    op.drop_index("ix_users_unannounced", "users", schema="accounts")
    for name in _profile:
        op.drop_column("users", name, schema="accounts")
