"""Disputes, the files that are shown in them, and what happened to them; each the holder's own."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("disputes", "dispute_files", "dispute_steps")
_OF_A_DRAFT: Final = (
    "EXISTS (SELECT FROM disputes WHERE disputes.id = dispute_files.dispute_id AND disputes.state = 'draft')"
)
_OF_A_DISPUTE: Final = "EXISTS (SELECT FROM disputes WHERE disputes.id = dispute_steps.dispute_id)"
_UNTOUCHED: Final = (
    "state = 'draft' AND attempt = 0 AND advanced = 0 AND recovered = 0 AND network_reference IS NULL"
    " AND EXISTS (SELECT FROM payments WHERE payments.id = disputes.payment_id)"
)
_POLICIES: Final = (
    f"seen ON disputes FOR SELECT TO cardwright_customer USING ({_OWN})",
    # A holder prepares and changes; what the network said and what its money did is the worker's to write.
    f"opened ON disputes FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_UNTOUCHED})",
    (
        f"acted ON disputes FOR UPDATE TO cardwright_customer USING ({_OWN})"
        f" WITH CHECK ({_OWN} AND state IN ('draft', 'submitted', 'withdrawn'))"
    ),
    f"seen ON dispute_files FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"shown ON dispute_files FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_OF_A_DRAFT})",
    f"removed ON dispute_files FOR DELETE TO cardwright_customer USING ({_OWN} AND {_OF_A_DRAFT})",
    f"seen ON dispute_steps FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"made ON dispute_steps FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_OF_A_DISPUTE})",
    *(f"cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})" for table in _TABLES),
)
_ACTED: Final = "amount, reason, statement, state, is_settled, attempt, submitted_at, withdrawn_at, refusal"


def upgrade() -> None:
    _create_disputes()
    _create_files()
    _create_steps()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for policy in _POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    for role in ("cardwright_customer", "cardwright_staff"):
        op.execute(f"REVOKE UPDATE, DELETE ON disputes, dispute_steps FROM {role}")
        op.execute(f"REVOKE UPDATE ON dispute_files FROM {role}")
        op.execute(f"GRANT UPDATE ({_ACTED}) ON disputes TO {role}")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.execute(f"DROP TABLE {table} CASCADE")


def _create_disputes() -> None:
    op.create_table(
        "disputes",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("payment_id"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _text("source"),
        _text("clearing_reference"),
        _text("merchant_name"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("currency"),
        _text("reason"),
        _text("policy"),
        _text("statement"),
        _text("state"),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        _instant("created_at"),
        _instant("submit_by"),
        _instant("heard_at"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _instant("submitted_at", nullable=True),
        _instant("withdrawn_at", nullable=True),
        _instant("expired_at", nullable=True),
        _text("refusal", nullable=True),
        _text("network_reference", nullable=True),
        _text("network_status"),
        _text("loss_reason", nullable=True),
        sa.Column("advanced", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        _instant("reminded_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_disputes_amount")),
        sa.CheckConstraint("advanced >= 0", name=op.f("ck_disputes_advanced")),
    )
    is_open = sa.text("state IN ('draft', 'submitted')")
    op.create_index(
        "uq_disputes_open", "disputes", ["payment_id", "sequence"], unique=True, postgresql_where=is_open
    )
    op.create_index(
        "uq_disputes_network_reference", "disputes", ["source", "network_reference"], unique=True,
        postgresql_where=sa.text("network_reference IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_disputes_user_id_id", "disputes", ["user_id", "id"])
    op.create_index("ix_disputes_payment_id", "disputes", ["payment_id"])
    unsettled = sa.text("NOT is_settled")
    op.create_index(
        "ix_disputes_queue", "disputes", ["program_id", "submit_by", "id"], postgresql_where=unsettled
    )
    op.create_index("ix_disputes_silent", "disputes", ["heard_at"], postgresql_where=unsettled)


def _create_files() -> None:
    op.create_table(
        "dispute_files",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("dispute_id"),
        _text("kind"),
        _text("type"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _text("content"),
        _instant("added_at"),
        _text("network_reference", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_files")),
        sa.UniqueConstraint("dispute_id", "kind", name=op.f("uq_dispute_files_dispute_id_kind")),
        sa.CheckConstraint("size_bytes BETWEEN 1 AND 5000000", name=op.f("ck_dispute_files_size")),
    )
    op.create_index("ix_dispute_files_user_id", "dispute_files", ["user_id"])


def _create_steps() -> None:
    op.create_table(
        "dispute_steps",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("dispute_id"),
        _text("kind"),
        _text("actor"),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_steps")),
    )
    op.create_index("ix_dispute_steps_dispute_id_id", "dispute_steps", ["dispute_id", "id"])


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
