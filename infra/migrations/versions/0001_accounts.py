"""The users."""

import sqlalchemy as sa
from alembic import op

revision = "0001_accounts"
down_revision = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA accounts")
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("is_admin", sa.Boolean, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        schema="accounts",
    )
    lower = sa.literal_column("lower(username)")
    op.create_index("uq_users_username_lower", "users", [lower], unique=True, schema="accounts")


def downgrade() -> None:
    op.drop_table("users", schema="accounts")
    op.execute("DROP SCHEMA accounts")
