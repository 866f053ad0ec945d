"""The authorization server: clients, signing keys, requests, codes, grants, used proofs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_VISIBLE: Final[Mapping[str, tuple[str, str]]] = {
    "oauth_clients": (_PROGRAM, _PROGRAM),
    "oauth_codes": (_OWN, _PROGRAM),
    "oauth_grants": (_OWN, _PROGRAM),
    "oauth_interactions": (_OWN, _PROGRAM),
}
"""What a confined customer and confined staff may touch; of the other tables nothing at all."""
_HIDDEN: Final = (
    "oauth_pushed_requests",
    "oauth_refresh_tokens",
    "oauth_signing_keys",
    "oauth_used_proofs",
)

_HOME_OF: Final = """
CREATE FUNCTION home_of(holder text) RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT program_id FROM identities WHERE user_id = holder
  UNION ALL SELECT program_id FROM oauth_clients WHERE id = holder
$$
"""
"""The program of whoever holds a role: a person, or a client that acts for itself."""
_FOR_CLIENTS_TOO: Final = {
    "SELECT program_id INTO home FROM identities WHERE user_id = NEW.user_id": "home := home_of(NEW.user_id)",
    "NEW.approval_id, 'role.grant',": "NEW.approval_id, CASE WHEN NEW.user_id LIKE 'client\\_%' THEN 'client_role.grant' ELSE 'role.grant' END,",
}


def _check_grant() -> str:
    guards = (Path(__file__).parent.parent / "approval_guards.sql").read_text().split(";\n\n")
    (found,) = (statement for statement in guards if statement.startswith("CREATE FUNCTION check_grant("))
    return found.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def _check_grant_to_clients_too() -> str:
    statement = _check_grant()
    for before, after in _FOR_CLIENTS_TOO.items():
        if before not in statement:
            raise ValueError(f"the guard of roles no longer says {before!r}")
        statement = statement.replace(before, after)
    return statement


def upgrade() -> None:
    op.create_table(
        "oauth_clients",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("auth_method", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("key_set", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("redirect_uris", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("post_logout_redirect_uris", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("grant_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_first_party", sa.Boolean(), nullable=False),
        sa.Column("requires_push", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_clients")),
    )
    op.create_table(
        "oauth_codes",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sign_in", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grant_id", sa.Text(collation="C"), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_oauth_codes")),
    )
    op.create_index(op.f("ix_oauth_codes_expires_at"), "oauth_codes", ["expires_at"], unique=False)
    op.create_table(
        "oauth_grants",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=True),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("methods", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_thumbprint", sa.Text(), nullable=True),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("factor_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grants")),
    )
    op.create_index(op.f("ix_oauth_grants_client_id"), "oauth_grants", ["client_id"], unique=False)
    op.create_index(op.f("ix_oauth_grants_session_id"), "oauth_grants", ["session_id"], unique=False)
    op.create_index(op.f("ix_oauth_grants_user_id_id"), "oauth_grants", ["user_id", "id"], unique=False)
    op.create_table(
        "oauth_interactions",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_interactions")),
    )
    op.create_index(
        op.f("ix_oauth_interactions_expires_at"), "oauth_interactions", ["expires_at"], unique=False
    )
    op.create_table(
        "oauth_pushed_requests",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_oauth_pushed_requests")),
    )
    op.create_index(
        op.f("ix_oauth_pushed_requests_expires_at"), "oauth_pushed_requests", ["expires_at"], unique=False
    )
    op.create_table(
        "oauth_refresh_tokens",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_oauth_refresh_tokens")),
    )
    op.create_index(
        op.f("ix_oauth_refresh_tokens_expires_at"), "oauth_refresh_tokens", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_oauth_refresh_tokens_grant_id"), "oauth_refresh_tokens", ["grant_id"], unique=False
    )
    op.create_table(
        "oauth_signing_keys",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public_key", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_signing_keys")),
    )
    op.create_index(
        "uq_oauth_signing_keys_program_id_active",
        "oauth_signing_keys",
        ["program_id"],
        unique=True,
        postgresql_where="state = 'active'",
    )
    op.create_index(
        "uq_oauth_signing_keys_program_id_next",
        "oauth_signing_keys",
        ["program_id"],
        unique=True,
        postgresql_where="state = 'next'",
    )
    op.create_table(
        "oauth_used_proofs",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_used_proofs")),
    )
    op.create_index(
        op.f("ix_oauth_used_proofs_expires_at"), "oauth_used_proofs", ["expires_at"], unique=False
    )
    op.execute(_HOME_OF)
    op.execute(_check_grant_to_clients_too())
    for table in (*_VISIBLE, *_HIDDEN):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, conditions in _VISIBLE.items():
        for role, condition in zip(("cardwright_customer", "cardwright_staff"), conditions, strict=True):
            op.execute(f"CREATE POLICY {role} ON {table} TO {role} USING ({condition})")


def downgrade() -> None:
    op.execute(_check_grant())
    op.execute("DROP FUNCTION home_of")
    op.drop_index(op.f("ix_oauth_used_proofs_expires_at"), table_name="oauth_used_proofs")
    op.drop_table("oauth_used_proofs")
    op.drop_index(
        "uq_oauth_signing_keys_program_id_next",
        table_name="oauth_signing_keys",
        postgresql_where="state = 'next'",
    )
    op.drop_index(
        "uq_oauth_signing_keys_program_id_active",
        table_name="oauth_signing_keys",
        postgresql_where="state = 'active'",
    )
    op.drop_table("oauth_signing_keys")
    op.drop_index(op.f("ix_oauth_refresh_tokens_grant_id"), table_name="oauth_refresh_tokens")
    op.drop_index(op.f("ix_oauth_refresh_tokens_expires_at"), table_name="oauth_refresh_tokens")
    op.drop_table("oauth_refresh_tokens")
    op.drop_index(op.f("ix_oauth_pushed_requests_expires_at"), table_name="oauth_pushed_requests")
    op.drop_table("oauth_pushed_requests")
    op.drop_index(op.f("ix_oauth_interactions_expires_at"), table_name="oauth_interactions")
    op.drop_table("oauth_interactions")
    op.drop_index(op.f("ix_oauth_grants_user_id_id"), table_name="oauth_grants")
    op.drop_index(op.f("ix_oauth_grants_session_id"), table_name="oauth_grants")
    op.drop_index(op.f("ix_oauth_grants_client_id"), table_name="oauth_grants")
    op.drop_table("oauth_grants")
    op.drop_index(op.f("ix_oauth_codes_expires_at"), table_name="oauth_codes")
    op.drop_table("oauth_codes")
    op.drop_table("oauth_clients")
