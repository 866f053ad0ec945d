"""Sessions of browsers by a cookie, in place of refresh tokens; people whom outside providers vouch for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PROVEN = op.f("ck_identities_password_proven")


def upgrade() -> None:
    op.drop_table("refresh_tokens")
    # Nobody holds a cookie of a session that was opened before there were cookies.
    op.execute("DELETE FROM auth_sessions")
    op.drop_column("auth_sessions", "generation")
    op.drop_column("auth_sessions", "rotated_at")
    op.add_column("auth_sessions", sa.Column("client_address", sa.Text(), nullable=True))
    op.add_column("auth_sessions", sa.Column("browser_hash", sa.Text(), nullable=True))
    op.add_column("auth_sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False))
    op.add_column("auth_sessions", sa.Column("secret_hash", sa.Text(), nullable=False))
    op.add_column(
        "auth_sessions", sa.Column("methods", postgresql.JSONB(astext_type=sa.Text()), nullable=False)
    )
    op.add_column("auth_sessions", sa.Column("awaits_factor", sa.Boolean(), nullable=False))
    op.add_column("auth_sessions", sa.Column("factor_used_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_auth_sessions_secret_hash"), "auth_sessions", ["secret_hash"])
    _make_federation()


def _make_federation() -> None:
    # Whoever signs in with a provider alone has a proven address and no password.
    op.drop_constraint(_PROVEN, "identities")
    op.create_check_constraint(_PROVEN, "identities", "password_hash IS NULL OR verified_at IS NOT NULL")
    op.create_table(
        "federation_attempts",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_federation_attempts")),
    )
    op.create_index(
        op.f("ix_federation_attempts_expires_at"), "federation_attempts", ["expires_at"], unique=False
    )
    op.create_table(
        "linked_identities",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identities")),
        sa.UniqueConstraint(
            "program_id", "issuer", "subject", name=op.f("uq_linked_identities_program_id_issuer_subject")
        ),
    )
    op.create_index(
        op.f("ix_linked_identities_user_id_id"), "linked_identities", ["user_id", "id"], unique=False
    )
    op.execute("ALTER TABLE linked_identities ENABLE ROW LEVEL SECURITY")
    for role, column in (("cardwright_customer", "user_id"), ("cardwright_staff", "program_id")):
        op.execute(
            f"CREATE POLICY {role} ON linked_identities TO {role}"
            f" USING ({column} = current_setting('cardwright.{column}', true))"
        )


def downgrade() -> None:
    op.drop_table("linked_identities")
    op.drop_table("federation_attempts")
    # Without a password or a provider nobody gets in as them any more.
    op.execute("UPDATE identities SET verified_at = NULL WHERE password_hash IS NULL")
    op.drop_constraint(_PROVEN, "identities")
    op.create_check_constraint(_PROVEN, "identities", "(password_hash IS NULL) = (verified_at IS NULL)")
    op.execute("DELETE FROM auth_sessions")
    op.drop_constraint(op.f("uq_auth_sessions_secret_hash"), "auth_sessions")
    for name in (
        "factor_used_at",
        "awaits_factor",
        "methods",
        "secret_hash",
        "last_seen_at",
        "client_address",
        "browser_hash",
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
