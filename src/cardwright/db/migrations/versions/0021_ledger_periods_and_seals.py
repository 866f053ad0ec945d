"""The books: months that are closed, entries that reverse others, and a journal that is sealed."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("ledger_seals", "ledger_checkpoints", "period_changes")
_APPEND_ONLY: Final = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
_GUARDS: Final = {
    "ledger_accounts": ("opened_empty", "lasting", "never_removed", "never_emptied"),
    "journal_entries": ("dated",),
    "postings": ("of_a_new_entry",),
}
_APPROVED: Final = "'manual:' || approval.id)\n     IS DISTINCT FROM (NEW.currency, NEW.external_id)"
_APPROVED_AND_DATED: Final = (
    "'manual:' || approval.id, approval.payload::jsonb ->> 'reverses',\n"
    "      coalesce((approval.payload::jsonb ->> 'posted_at')::timestamptz, NEW.posted_at))\n"
    "     IS DISTINCT FROM (NEW.currency, NEW.external_id, NEW.reverses_id, NEW.posted_at)"
)


def upgrade() -> None:
    op.add_column("journal_entries", sa.Column("reverses_id", sa.Text(collation="C"), nullable=True))
    op.add_column(
        "journal_entries",
        sa.Column(
            "written_in",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
    )
    op.create_unique_constraint(op.f("uq_journal_entries_reverses_id"), "journal_entries", ["reverses_id"])
    op.create_check_constraint(
        op.f("ck_journal_entries_reversal"), "journal_entries", "reverses_id IS NULL OR kind = 'manual'"
    )
    for columns in (
        ["program_id", "written_in", "id"],
        ["program_id", "kind", "posted_at", "id"],
        ["program_id", "posted_at", "id"],
    ):
        op.create_index(op.f(f"ix_journal_entries_{'_'.join(columns)}"), "journal_entries", columns)
    op.create_check_constraint(
        op.f("ck_ledger_accounts_floored"),
        "ledger_accounts",
        "code NOT IN ('wallet', 'receivable') OR (floor IS NOT NULL AND floor = 0)",
    )
    _make_periods()
    _make_seals()
    for statement in (Path(__file__).parent.parent / "ledger_guards.sql").read_text().split(";\n\n"):
        op.execute(statement)
    for table in _TABLES:
        for statement in _APPEND_ONLY:
            op.execute(statement.format(table=table))
        # Staff see their program's, customers nothing.
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
    _redefine(_APPROVED, _APPROVED_AND_DATED)


def _make_periods() -> None:
    op.create_table(
        "period_changes",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trial_balance", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("action IN ('closed', 'reopened')", name=op.f("ck_period_changes_action")),
        sa.CheckConstraint(
            "(trial_balance IS NOT NULL) = (action = 'closed')", name=op.f("ck_period_changes_snapshot")
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_period_changes_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_changes")),
        sa.UniqueConstraint("program_id", "sequence", name=op.f("uq_period_changes_program_id_sequence")),
    )


def _make_seals() -> None:
    op.create_table(
        "ledger_seals",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Text(collation="C"), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "leaf_index", name=op.f("pk_ledger_seals")),
    )
    op.create_index(op.f("ix_ledger_seals_entry_id"), "ledger_seals", ["entry_id"], unique=True)
    op.create_table(
        "ledger_checkpoints",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "size", name=op.f("pk_ledger_checkpoints")),
    )


def downgrade() -> None:
    _redefine(_APPROVED_AND_DATED, _APPROVED)
    for table, triggers in _GUARDS.items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for table in _TABLES:
        op.drop_table(table)
    # What checks checkpoints stays as it is: it serves the audit trail as it did before.
    op.execute(
        "DROP FUNCTION check_period_change, check_entry_is_new, check_dated, lock_period, refuse_account_change"
    )
    op.drop_constraint(op.f("ck_ledger_accounts_floored"), "ledger_accounts")
    for name in ("program_id_posted_at_id", "program_id_kind_posted_at_id", "program_id_written_in_id"):
        op.drop_index(op.f(f"ix_journal_entries_{name}"), table_name="journal_entries")
    op.drop_constraint(op.f("ck_journal_entries_reversal"), "journal_entries")
    op.drop_constraint(op.f("uq_journal_entries_reverses_id"), "journal_entries")
    op.drop_column("journal_entries", "written_in")
    op.drop_column("journal_entries", "reverses_id")


def _redefine(present: str, wanted: str) -> None:
    definition: str = (
        op.get_bind().exec_driver_sql("SELECT pg_get_functiondef('check_manual_entry'::regproc)").scalar_one()
    )
    assert present in definition  # noqa: S101 - the function is ours
    op.get_bind().exec_driver_sql(definition.replace(present, wanted))
