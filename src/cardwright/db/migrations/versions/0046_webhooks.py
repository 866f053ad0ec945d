"""Webhook endpoints, the keys that sign for them, deliveries and their log."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("webhook_endpoints", "webhook_keys", "webhook_deliveries", "webhook_attempts")
_CONFINED: Final = "cardwright_customer, cardwright_staff"
_OF_ENDPOINTS: Final = "url, description, event_types, signatures, updated_at, disabled_because, disabled_at, failing_since, deleted_at"
_OF_DELIVERIES: Final = "state, due_at, tries, attempts, replays, claim, claimed_until, last_status, last_error, last_attempt_at, data"
_OF_KEYS: Final = "id, program_id, user_id, endpoint_id, signature, public_key, created_at, ends_at"


def upgrade() -> None:
    _create_endpoints()
    _create_deliveries()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN})")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
        op.execute(f"REVOKE ALL ON {table} FROM {_CONFINED}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_OF_ENDPOINTS}) ON webhook_endpoints TO {_CONFINED}")
    # Whoever asks makes keys and ends them; what they are is read by the worker that signs, and nobody else.
    op.execute(f"GRANT SELECT ({_OF_KEYS}), INSERT, UPDATE (ends_at), DELETE ON webhook_keys TO {_CONFINED}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({_OF_DELIVERIES}) ON webhook_deliveries TO {_CONFINED}")
    op.execute(f"GRANT SELECT ON webhook_attempts TO {_CONFINED}")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id", nullable=True),
        _reference("created_by"),
        _text("url"),
        _text("description"),
        sa.Column("event_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("signatures", postgresql.ARRAY(sa.Text()), nullable=False),
        _instant("created_at"),
        _instant("updated_at"),
        _text("disabled_because", nullable=True),
        _instant("disabled_at", nullable=True),
        _instant("failing_since", nullable=True),
        _instant("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        sa.CheckConstraint(
            "(disabled_because IS NULL) = (disabled_at IS NULL)",
            name=op.f("ck_webhook_endpoints_disabled_because"),
        ),
        sa.CheckConstraint("cardinality(event_types) > 0", name=op.f("ck_webhook_endpoints_event_types")),
        sa.CheckConstraint(
            "cardinality(signatures) > 0 AND signatures <@ ARRAY['v1', 'v1a']",
            name=op.f("ck_webhook_endpoints_signatures"),
        ),
    )
    op.create_index("ix_webhook_endpoints_program_id_id", "webhook_endpoints", ["program_id", "id"])
    op.create_index("ix_webhook_endpoints_user_id_id", "webhook_endpoints", ["user_id", "id"])
    op.create_table(
        "webhook_keys",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id", nullable=True),
        _reference("endpoint_id"),
        _text("signature"),
        _text("key"),
        _text("public_key", nullable=True),
        _instant("created_at"),
        _instant("ends_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_keys")),
        sa.CheckConstraint("signature IN ('v1', 'v1a')", name=op.f("ck_webhook_keys_signature")),
    )
    op.create_index("ix_webhook_keys_endpoint_id", "webhook_keys", ["endpoint_id"])


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id", nullable=True),
        _reference("endpoint_id"),
        _reference("event_id"),
        _text("event_type"),
        _instant("created_at"),
        _text("state"),
        _instant("due_at", nullable=True),
        _count("tries"),
        _count("attempts"),
        _count("replays"),
        _reference("claim", nullable=True),
        _instant("claimed_until", nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        _text("last_error", nullable=True),
        _instant("last_attempt_at", nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.CheckConstraint(
            "(state = 'pending') = (due_at IS NOT NULL)", name=op.f("ck_webhook_deliveries_due_at")
        ),
        sa.CheckConstraint(
            "(claim IS NULL) = (claimed_until IS NULL)", name=op.f("ck_webhook_deliveries_claim")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'succeeded', 'failed', 'canceled')",
            name=op.f("ck_webhook_deliveries_state"),
        ),
    )
    op.create_index("ix_webhook_deliveries_endpoint_id_id", "webhook_deliveries", ["endpoint_id", "id"])
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])
    op.create_index(
        "ix_webhook_deliveries_due", "webhook_deliveries", ["endpoint_id", "due_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )  # fmt: skip
    op.create_index(
        "ix_webhook_deliveries_claimed", "webhook_deliveries", ["endpoint_id"],
        postgresql_where=sa.text("claim IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "webhook_attempts",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id", nullable=True),
        _reference("delivery_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _instant("attempted_at"),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        _text("url"),
        sa.Column("request_headers", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer_headers", postgresql.JSONB(), nullable=False),
        _text("answer_body"),
        sa.Column("is_answer_cut", sa.Boolean(), nullable=False),
        _text("error", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index("ix_webhook_attempts_delivery_id_id", "webhook_attempts", ["delivery_id", "id"])


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
