"""Row-level security: what a transaction sees once it is confined to a customer or to a program."""

from collections.abc import Mapping
from typing import Final

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLES: Final = ("cardwright_customer", "cardwright_staff")
_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"

_TABLES: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(
        ("cards", "devices", "identity_verifications", "notifications", "payments", "top_ups"),
        (_OWN, _PROGRAM),
    ),
    "identities": (_OWN, _PROGRAM),
    "auth_sessions": (_OWN, _PROGRAM),
    "ledger_accounts": ("owner_id = current_setting('cardwright.user_id', true)", _PROGRAM),
    "journal_entries": ("false", _PROGRAM),
    "audit_entries": ("false", _PROGRAM),
    # The rest belongs to whom its parent belongs to: the subquery sees only what the parent's policy shows.
    **{
        table: (f"EXISTS (SELECT FROM {parent})",) * 2
        for table, parent in {
            "card_limits": "cards WHERE cards.id = card_limits.card_id",
            "card_transitions": "cards WHERE cards.id = card_transitions.card_id",
            "decisions": "cards WHERE cards.id = decisions.card_id",
            "holds": "ledger_accounts WHERE ledger_accounts.id = holds.account_id",
            "payment_elements": "payments WHERE payments.id = payment_elements.payment_id",
            "postings": "journal_entries WHERE journal_entries.id = postings.entry_id",
            "email_verifications": "identities WHERE identities.user_id = email_verifications.user_id",
            "processor_holders": "identities WHERE identities.user_id = processor_holders.user_id",
            "profiles": "identities WHERE identities.user_id = profiles.user_id",
        }.items()
    },
    "idempotency_keys": ("caller_id = current_setting('cardwright.user_id', true)",) * 2,
}
"""Per table, what a confined customer and what confined staff may touch."""

_LET_GO_OF_DEVICE: Final = """
CREATE FUNCTION release_push_token(token text, keeper text, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE devices SET revoked_at = at WHERE push_token = token AND user_id <> keeper AND revoked_at IS NULL
$$
"""
"""An installed app goes over to whoever signs in on it: the new owner may end what they may not see."""

_MADE_BY_ANYBODY: Final = ("audit_entries",)


def upgrade() -> None:
    for role in _ROLES:
        # Roles belong to the server, not to the database: another database may have made it already.
        op.execute(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        op.execute(f"GRANT {role} TO CURRENT_USER")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        op.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        op.execute(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
        )
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}")
    for table, (own, program) in _TABLES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for role, condition in zip(_ROLES, (own, program), strict=True):
            op.execute(f"CREATE POLICY {role} ON {table} TO {role} USING ({condition})")
    op.execute(_LET_GO_OF_DEVICE)
    for table in _MADE_BY_ANYBODY:
        op.execute(
            f"CREATE POLICY recorded ON {table} FOR INSERT TO cardwright_customer WITH CHECK ({_PROGRAM})"
        )


def downgrade() -> None:
    op.execute("DROP FUNCTION release_push_token")
    for table in _TABLES:
        for policy in _ROLES:
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in _MADE_BY_ANYBODY:
        op.execute(f"DROP POLICY recorded ON {table}")
    for role in _ROLES:
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}")
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM {role}")
