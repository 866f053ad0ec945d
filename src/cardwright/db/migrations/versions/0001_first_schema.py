"""The first schema: every slice's tables, and what the database itself refuses."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "active_rulebooks",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_active_rulebooks")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("client_address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        op.f("ix_audit_entries_program_id_id"), "audit_entries", ["program_id", "id"], unique=False
    )
    op.create_table(
        "auth_sessions",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_sessions")),
    )
    op.create_index(op.f("ix_auth_sessions_user_id_id"), "auth_sessions", ["user_id", "id"], unique=False)
    op.create_table(
        "card_limits",
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_card_limits_amount")),
        sa.PrimaryKeyConstraint("card_id", "window", name=op.f("pk_card_limits")),
    )
    op.create_table(
        "card_transitions",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_card_transitions")),
    )
    op.create_index(op.f("ix_card_transitions_card_id"), "card_transitions", ["card_id"], unique=False)
    op.create_table(
        "cards",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=True),
        sa.Column("exp_month", sa.Integer(), nullable=True),
        sa.Column("exp_year", sa.Integer(), nullable=True),
        sa.Column("processor_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('inactive', 'active', 'frozen', 'canceled')", name=op.f("ck_cards_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("processor_reference", name=op.f("uq_cards_processor_reference")),
    )
    op.create_index("ix_cards_user_id", "cards", ["user_id", "id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("verdict", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stages_us", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("source", "request_key", name=op.f("uq_decisions_source_request_key")),
    )
    op.create_index("ix_decisions_card_id", "decisions", ["card_id", "decided_at"], unique=False)
    op.create_table(
        "devices",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("push_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("platform IN ('ios', 'android', 'web')", name=op.f("ck_devices_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    op.create_index(
        "ix_devices_user_id_active",
        "devices",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "uq_devices_push_token_active",
        "devices",
        ["push_token"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "email_verifications",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("registration_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending_password_hash", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_verifications")),
    )
    op.create_index(
        op.f("ix_email_verifications_user_id_id"), "email_verifications", ["user_id", "id"], unique=False
    )
    op.create_index(
        "uq_email_verifications_registration_id_pending",
        "email_verifications",
        ["registration_id"],
        unique=True,
        postgresql_where=sa.text("pending_password_hash IS NOT NULL"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("account_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_holds_remaining")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_holds_payment_id")),
    )
    op.create_index("ix_holds_open", "holds", ["expires_at"], unique=False, postgresql_where="remaining > 0")
    op.create_table(
        "idempotency_keys",
        sa.Column("caller_id", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "identities",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(password_hash IS NULL) = (verified_at IS NULL)", name=op.f("ck_identities_password_proven")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_identities")),
        sa.UniqueConstraint("program_id", "email", name=op.f("uq_identities_program_id_email")),
    )
    op.create_table(
        "identity_verifications",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_verifications")),
        sa.UniqueConstraint("provider_reference", name=op.f("uq_identity_verifications_provider_reference")),
    )
    op.create_index(
        "ix_identity_verifications_user_id", "identity_verifications", ["user_id", "id"], unique=False
    )
    op.create_index(
        "uq_identity_verifications_open",
        "identity_verifications",
        ["user_id"],
        unique=True,
        postgresql_where="state IN ('requested', 'collecting', 'processing')",
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_inbox_source_external_id")),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint(
            "program_id", "external_id", name=op.f("uq_journal_entries_program_id_external_id")
        ),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("posted_balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "floor IS NULL OR posted_balance - held >= floor", name=op.f("ck_ledger_accounts_floor")
        ),
        sa.CheckConstraint("held >= 0", name=op.f("ck_ledger_accounts_held")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "program_id",
            "code",
            "owner_id",
            "currency",
            name=op.f("uq_ledger_accounts_program_id_code_owner_id_currency"),
        ),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('email', 'sms', 'push', 'in_app')", name=op.f("ck_notifications_channel")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'unknown', 'sent', 'failed', 'undeliverable', 'delivered')",
            name=op.f("ck_notifications_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("event_id", "channel", name=op.f("uq_notifications_event_id_channel")),
    )
    op.create_index(
        "ix_notifications_provider_reference",
        "notifications",
        ["provider_reference"],
        unique=False,
        postgresql_where=sa.text("provider_reference IS NOT NULL"),
    )
    op.create_index(
        "ix_notifications_user_id_id",
        "notifications",
        ["user_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
    )
    op.create_table(
        "payment_elements",
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("merchant_amount", sa.BigInteger(), nullable=True),
        sa.Column("merchant_currency", sa.Text(), nullable=True),
        sa.Column("decision_id", sa.Text(collation="C"), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_before", sa.BigInteger(), nullable=False),
        sa.Column("available_after", sa.BigInteger(), nullable=False),
        sa.Column("held_before", sa.BigInteger(), nullable=False),
        sa.Column("held_after", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payment_elements_amount")),
        sa.PrimaryKeyConstraint("payment_id", "sequence", name=op.f("pk_payment_elements")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_payment_elements_source_external_id")),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("last4", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("merchant", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_payments_held")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("source", "reference", name=op.f("uq_payments_source_reference")),
    )
    op.create_index("ix_payments_card_id", "payments", ["card_id", "opened_at"], unique=False)
    op.create_index("ix_payments_user_id", "payments", ["user_id", "id"], unique=False)
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.Text(collation="C"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(collation="C"), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("side IN ('debit', 'credit')", name=op.f("ck_postings_side")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_postings_amount")),
        sa.PrimaryKeyConstraint("entry_id", "line", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_account_id", "postings", ["account_id", "entry_id"], unique=False)
    op.create_table(
        "processor_holders",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("processor_reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_processor_holders")),
        sa.UniqueConstraint("processor_reference", name=op.f("uq_processor_holders_processor_reference")),
    )
    op.create_table(
        "profiles",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("line1", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programs")),
        sa.UniqueConstraint("slug", name=op.f("uq_programs_slug")),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(collation="C"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)
    op.create_table(
        "rulebooks",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Text(collation="C"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_rulebooks_version")),
        sa.PrimaryKeyConstraint("program_id", "version", name=op.f("pk_rulebooks")),
    )
    op.create_index("ix_rulebooks_hash", "rulebooks", ["program_id", "hash"], unique=False)
    op.create_table(
        "top_ups",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payment_method_token", sa.Text(), nullable=True),
        sa.Column("provider_reference", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("action_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "payment_method_token IS NULL OR state = 'requested'", name=op.f("ck_top_ups_token_forgotten")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_top_ups_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_ups")),
        sa.UniqueConstraint("provider_reference", name=op.f("uq_top_ups_provider_reference")),
    )
    op.create_index(
        "ix_top_ups_in_flight",
        "top_ups",
        ["heard_at"],
        unique=False,
        postgresql_where="state IN ('pending', 'requires_action')",
    )
    op.create_index("ix_top_ups_user_id", "top_ups", ["user_id", "id"], unique=False)
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(collation="C"), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_roles")),
    )
    for statement in (Path(__file__).parent.parent / "guards.sql").read_text().split(";\n\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("user_roles")
    op.drop_index("ix_top_ups_user_id", table_name="top_ups")
    op.drop_index(
        "ix_top_ups_in_flight",
        table_name="top_ups",
        postgresql_where="state IN ('pending', 'requires_action')",
    )
    op.drop_table("top_ups")
    op.drop_index("ix_rulebooks_hash", table_name="rulebooks")
    op.drop_table("rulebooks")
    op.drop_index(op.f("ix_refresh_tokens_session_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_table("programs")
    op.drop_table("profiles")
    op.drop_table("processor_holders")
    op.drop_index("ix_postings_account_id", table_name="postings")
    op.drop_table("postings")
    op.drop_index("ix_payments_user_id", table_name="payments")
    op.drop_index("ix_payments_card_id", table_name="payments")
    op.drop_table("payments")
    op.drop_table("payment_elements")
    op.drop_table("outbox")
    op.drop_index("ix_notifications_user_id_id", table_name="notifications")
    op.drop_index(
        "ix_notifications_provider_reference",
        table_name="notifications",
        postgresql_where=sa.text("provider_reference IS NOT NULL"),
    )
    op.drop_table("notifications")
    op.drop_table("ledger_accounts")
    op.drop_table("journal_entries")
    op.drop_table("inbox")
    op.drop_index(
        "uq_identity_verifications_open",
        table_name="identity_verifications",
        postgresql_where="state IN ('requested', 'collecting', 'processing')",
    )
    op.drop_index("ix_identity_verifications_user_id", table_name="identity_verifications")
    op.drop_table("identity_verifications")
    op.drop_table("identities")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_holds_open", table_name="holds", postgresql_where="remaining > 0")
    op.drop_table("holds")
    op.drop_index(
        "uq_email_verifications_registration_id_pending",
        table_name="email_verifications",
        postgresql_where=sa.text("pending_password_hash IS NOT NULL"),
    )
    op.drop_index(op.f("ix_email_verifications_user_id_id"), table_name="email_verifications")
    op.drop_table("email_verifications")
    op.drop_index(
        "uq_devices_push_token_active", table_name="devices", postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.drop_index(
        "ix_devices_user_id_active", table_name="devices", postgresql_where=sa.text("revoked_at IS NULL")
    )
    op.drop_table("devices")
    op.drop_index("ix_decisions_card_id", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("ix_cards_user_id", table_name="cards")
    op.drop_table("cards")
    op.drop_index(op.f("ix_card_transitions_card_id"), table_name="card_transitions")
    op.drop_table("card_transitions")
    op.drop_table("card_limits")
    op.drop_index(op.f("ix_auth_sessions_user_id_id"), table_name="auth_sessions")
    op.drop_table("auth_sessions")
    op.drop_index(op.f("ix_audit_entries_program_id_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("active_rulebooks")
    op.execute("DROP FUNCTION refuse_change, check_entry")
