"""Sessions of browsers by a cookie, in place of refresh tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("refresh_tokens")
    # Nobody holds a cookie of a session that was opened before there were cookies.
    op.execute("DELETE FROM auth_sessions")
    op.drop_column("auth_sessions", "generation")
    op.drop_column("auth_sessions", "rotated_at")
    op.add_column("auth_sessions", sa.Column("client_address", sa.Text(), nullable=True))
    op.add_column("auth_sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False))
    op.add_column("auth_sessions", sa.Column("secret_hash", sa.Text(), nullable=False))
    op.add_column(
        "auth_sessions", sa.Column("methods", postgresql.JSONB(astext_type=sa.Text()), nullable=False)
    )
    op.add_column("auth_sessions", sa.Column("awaits_factor", sa.Boolean(), nullable=False))
    op.add_column("auth_sessions", sa.Column("factor_used_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_auth_sessions_secret_hash"), "auth_sessions", ["secret_hash"])


def downgrade() -> None:
    op.execute("DELETE FROM auth_sessions")
    op.drop_constraint(op.f("uq_auth_sessions_secret_hash"), "auth_sessions")
    for name in (
        "factor_used_at",
        "awaits_factor",
        "methods",
        "secret_hash",
        "last_seen_at",
        "client_address",
    ):
        op.drop_column("auth_sessions", name)
    op.add_column("auth_sessions", sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("auth_sessions", sa.Column("generation", sa.Integer(), nullable=False))
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)
