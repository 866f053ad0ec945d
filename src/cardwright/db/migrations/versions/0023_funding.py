"""Kept payment methods, auto top-up, withdrawals and the disputes of top-ups."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_AUTO_OPEN: Final = "origin = 'auto' AND state IN ('requested', 'pending', 'requires_action')"
_STAFF_TOO: Final = ("top_up_disputes", "top_up_refunds", "withdrawals")
_POLICIES: Final = (
    # A way to pay is its owner's affair; staff see none.
    f"cardwright_customer ON payment_methods TO cardwright_customer USING ({_OWN})",
    f"cardwright_customer ON auto_top_ups TO cardwright_customer USING ({_OWN})",
    *(f"cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})" for table in _STAFF_TOO),
    # What becomes of a withdrawal only the gateway says; a bank alone makes a dispute.
    f"seen ON withdrawals FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"made ON withdrawals FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND state = 'pending')",
    f"seen ON top_up_refunds FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"made ON top_up_refunds FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND state = 'requested')",
    f"seen ON top_up_disputes FOR SELECT TO cardwright_customer USING ({_OWN})",
)


def upgrade() -> None:
    _widen_top_ups()
    _create_methods()
    _create_withdrawals()
    _create_disputes()
    for table in ("gateway_customers", "payment_methods", "auto_top_ups", *_STAFF_TOO):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for policy in _POLICIES:
        op.execute(f"CREATE POLICY {policy}")


def downgrade() -> None:
    for table in ("top_up_disputes", "top_up_refunds", "withdrawals", "auto_top_ups", "payment_methods"):
        op.drop_table(table)
    op.drop_table("gateway_customers")
    for index in ("uq_top_ups_auto_open", "ix_top_ups_program_id"):
        op.drop_index(index, "top_ups")
    op.drop_constraint(op.f("ck_top_ups_origin"), "top_ups")
    for column in ("cancel_requested_at", "attempted_at", "payment_method_id", "origin"):
        op.drop_column("top_ups", column)


def _widen_top_ups() -> None:
    op.add_column("top_ups", sa.Column("origin", sa.Text(), nullable=False, server_default="holder"))
    op.add_column("top_ups", _reference("payment_method_id", nullable=True))
    op.add_column("top_ups", _instant("attempted_at", nullable=True))
    op.add_column("top_ups", _instant("cancel_requested_at", nullable=True))
    op.create_check_constraint(op.f("ck_top_ups_origin"), "top_ups", "origin IN ('holder', 'auto')")
    op.create_index("ix_top_ups_program_id", "top_ups", ["program_id", "id"])
    _create_partial("uq_top_ups_auto_open", "top_ups", "user_id", _AUTO_OPEN, unique=True)


def _create_methods() -> None:
    op.create_table(
        "gateway_customers",
        _reference("user_id"),
        _reference("program_id"),
        _text("provider_reference"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_gateway_customers")),
    )
    op.create_table(
        "payment_methods",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _text("state"),
        _text("label", nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        _text("brand", nullable=True),
        _text("last4", nullable=True),
        sa.Column("exp_month", sa.Integer(), nullable=True),
        sa.Column("exp_year", sa.Integer(), nullable=True),
        _text("payment_method_token", nullable=True),
        _text("setup_reference", nullable=True),
        _text("provider_reference", nullable=True),
        _text("reason_code", nullable=True),
        _text("action_url", nullable=True),
        _instant("created_at"),
        _instant("updated_at"),
        _instant("heard_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("setup_reference", name=op.f("uq_payment_methods_setup_reference")),
        sa.UniqueConstraint("provider_reference", name=op.f("uq_payment_methods_provider_reference")),
        *_checks(
            "payment_methods",
            {
                "token_forgotten": "payment_method_token IS NULL OR state = 'requested'",
                "default_active": "NOT is_default OR state = 'active'",
                "last4": "last4 ~ '^[0-9]{4}$'",
            },
        ),
    )
    op.create_index("ix_payment_methods_user_id", "payment_methods", ["user_id", "id"])
    _create_partial("uq_payment_methods_default", "payment_methods", "user_id", "is_default", unique=True)
    _create_partial("ix_payment_methods_waiting", "payment_methods", "heard_at", "state = 'requires_action'")
    op.create_table(
        "auto_top_ups",
        _reference("user_id"),
        _reference("program_id"),
        _reference("payment_method_id"),
        _text("currency"),
        _amount("threshold"),
        _amount("amount"),
        _amount("most_per_day"),
        _amount("most_per_month"),
        _text("off_reason", nullable=True),
        _instant("set_at"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_auto_top_ups")),
        *_checks(
            "auto_top_ups",
            {
                "threshold": "threshold > 0",
                "caps": "0 < amount AND amount <= most_per_day AND most_per_day <= most_per_month",
            },
        ),
    )


def _create_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _text("kind"),
        _amount("amount"),
        _text("currency"),
        _text("state"),
        _amount("returned"),
        _reference("requested_by"),
        _text("reason", nullable=True),
        _instant("created_at"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        *_checks(
            "withdrawals",
            {
                "kind": "kind IN ('withdrawal', 'refund')",
                "amount": "amount > 0 AND returned BETWEEN 0 AND amount",
            },
        ),
    )
    for owner in ("user_id", "program_id"):
        op.create_index(f"ix_withdrawals_{owner}", "withdrawals", [owner, "id"])
    op.create_table(
        "top_up_refunds",
        _reference("id"),
        _reference("withdrawal_id"),
        _reference("top_up_id"),
        _reference("program_id"),
        _reference("user_id"),
        _amount("amount"),
        _text("currency"),
        _text("state"),
        _instant("attempted_at", nullable=True),
        _text("provider_reference", nullable=True),
        _text("reason_code", nullable=True),
        _instant("created_at"),
        _instant("updated_at"),
        _instant("heard_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up_refunds")),
        sa.UniqueConstraint("provider_reference", name=op.f("uq_top_up_refunds_provider_reference")),
        *_checks(
            "top_up_refunds",
            {"amount": "amount > 0", "state": "state IN ('requested', 'pending', 'succeeded', 'failed')"},
        ),
    )
    for name in ("withdrawal_id", "top_up_id"):
        op.create_index(f"ix_top_up_refunds_{name}", "top_up_refunds", [name])
    _create_partial(
        "ix_top_up_refunds_watched", "top_up_refunds", "heard_at", "state IN ('pending', 'succeeded')"
    )


def _create_disputes() -> None:
    op.create_table(
        "top_up_disputes",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("top_up_id"),
        _amount("amount"),
        _text("currency"),
        _text("state"),
        _text("reason"),
        _instant("respond_by", nullable=True),
        _text("provider_reference"),
        _amount("taken"),
        sa.Column("posted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _instant("created_at"),
        _instant("updated_at"),
        _instant("heard_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up_disputes")),
        sa.UniqueConstraint("provider_reference", name=op.f("uq_top_up_disputes_provider_reference")),
        *_checks("top_up_disputes", {"state": "state IN ('inquiry', 'open', 'closed', 'lost', 'won')"}),
    )
    for owner in ("user_id", "program_id"):
        op.create_index(f"ix_top_up_disputes_{owner}", "top_up_disputes", [owner, "id"])
    op.create_index("ix_top_up_disputes_top_up_id", "top_up_disputes", ["top_up_id"])


def _checks(table: str, conditions: Mapping[str, str]) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def _create_partial(name: str, table: str, column: str, where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, [column], unique=unique, postgresql_where=sa.text(where))


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _amount(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
