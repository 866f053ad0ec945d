"""What vendors reported, runs of reconciliation, differences, totals per day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"
_TABLES = (
    "reported_records",
    "reported_streams",
    "reconciliation_runs",
    "differences",
    "reconciliation_days",
    "reported_balances",
)


def _id(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _amount(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _create_reports()
    _create_runs()
    _create_differences()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # Customers see none of it: what vendors say of everybody is no business of theirs.
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
    # Elements are recorded in order of time, so that an index by blocks is enough and costs next to nothing.
    op.create_index(
        "ix_payment_elements_recorded_at", "payment_elements", ["recorded_at"], postgresql_using="brin"
    )


def _create_reports() -> None:
    key = ("program_id", "source", "stream", "external_id")
    op.create_table(
        "reported_records",
        _id("program_id"),
        *(_text(name) for name in ("source", "stream", "external_id", "subject", "variant")),
        _amount("amount"),
        _text("currency"),
        _text("card", nullable=True),
        _text("balance", nullable=True),
        _amount("fee"),
        _text("fingerprint"),
        _json("raw"),
        _instant("happened_at"),
        _id("run_id"),
        _count("times"),
        _flag("is_withdrawn"),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_reported_records")),
    )
    for column in ("subject", "fingerprint", "happened_at"):
        op.create_index(f"ix_reported_records_{column}", "reported_records", [*key[:3], column])
    op.create_table(
        "reported_streams",
        _id("program_id"),
        _text("source"),
        _text("stream"),
        _id("run_id"),
        _instant("covered_since"),
        _instant("watermark", nullable=True),
        _instant("window_since"),
        _instant("window_until"),
        _text("cursor", nullable=True),
        _flag("is_read"),
        sa.PrimaryKeyConstraint(*key[:3], name=op.f("pk_reported_streams")),
    )


def _create_runs() -> None:
    op.create_table(
        "reconciliation_runs",
        _id("id"),
        _id("program_id"),
        _text("state"),
        _id("requested_by"),
        _instant("as_of"),
        _instant("since", nullable=True),
        _instant("created_at"),
        _instant("heard_at", nullable=True),
        _instant("finished_at", nullable=True),
        *(_count(name) for name in ("fetched", "compared", "found", "repaired")),
        sa.CheckConstraint(
            "state IN ('requested', 'fetching', 'comparing', 'repairing', 'done')",
            name=op.f("ck_reconciliation_runs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_runs")),
    )
    op.create_index("ix_reconciliation_runs_program_id", "reconciliation_runs", ["program_id", "id"])
    op.create_index(
        "uq_reconciliation_runs_unfinished",
        "reconciliation_runs",
        ["program_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "reconciliation_days",
        _id("program_id"),
        *(_text(name) for name in ("source", "account", "currency")),
        sa.Column("day", sa.Date(), nullable=False),
        *(_amount(name) for name in ("reported", "booked", "listed")),
        _instant("added_up_at"),
        sa.PrimaryKeyConstraint(
            "program_id", "source", "account", "currency", "day", name=op.f("pk_reconciliation_days")
        ),
    )
    op.create_table(
        "reported_balances",
        _id("program_id"),
        *(_text(name) for name in ("source", "balance", "currency")),
        _instant("since"),
        _amount("gap"),
        sa.PrimaryKeyConstraint(
            "program_id", "source", "balance", "currency", name=op.f("pk_reported_balances")
        ),
    )


def _create_differences() -> None:
    op.create_table(
        "differences",
        _id("id"),
        _id("program_id"),
        *(_text(name) for name in ("source", "record", "external_id", "kind", "cause")),
        _json("theirs", nullable=True),
        _json("ours", nullable=True),
        _amount("delta"),
        *(_text(name) for name in ("currency", "state", "repair")),
        _count("tries"),
        *(_instant(name) for name in ("happened_at", "first_seen_at", "last_seen_at")),
        _instant("closed_at", nullable=True),
        _text("reason", nullable=True),
        _id("decided_by", nullable=True),
        _id("approval_id", nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'explained', 'repaired', 'accepted')", name=op.f("ck_differences_state")
        ),
        sa.CheckConstraint(
            "state <> 'repaired' OR closed_at IS NOT NULL", name=op.f("ck_differences_repaired_is_closed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
        sa.UniqueConstraint(
            *("program_id", "source", "record", "external_id", "kind"),
            name=op.f("uq_differences_program_id_source_record_external_id_kind"),
        ),
    )
    op.create_index("ix_differences_program_id", "differences", ["program_id", "id"])
    op.create_index(
        "ix_differences_unclosed",
        "differences",
        ["program_id", "id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_payment_elements_recorded_at", table_name="payment_elements")
    for table in reversed(_TABLES):
        op.drop_table(table)
