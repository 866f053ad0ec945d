"""The log of payments and what holders add to it; holders read what was posted to their wallets."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_SEARCHED: Final = (
    "lower(' ' || (merchant ->> 'name') || ' ' || coalesce(merchant ->> 'city', '') || ' '"
    " || coalesce(last4, ''))"
)
_WHAT_IT_COMES_TO: Final = """
UPDATE payments SET amount = CASE WHEN found.came THEN held + posted ELSE found.asked END FROM (
    SELECT payment_id,
        bool_or(kind IN ('clearing', 'force_post', 'refund') AND elements.amount > 0) OR payments.held > 0 AS came,
        CASE WHEN bool_or(approved AND kind IN ('authorization', 'increment'))
            THEN sum(elements.amount) FILTER (WHERE approved AND kind IN ('authorization', 'increment'))
            ELSE coalesce((array_agg(elements.amount ORDER BY sequence)
                           FILTER (WHERE kind IN ('authorization', 'increment')))[1], 0)
        END AS asked
    FROM payment_elements AS elements JOIN payments ON payments.id = payment_id GROUP BY payment_id, payments.held
) AS found WHERE payments.id = found.payment_id
"""
_NEWEST_FIRST: Final = ["opened_at", "id"]
_INDEXES: Final = {
    "ix_payments_user_id_opened_at": ["user_id", *_NEWEST_FIRST],
    "ix_payments_card_id": ["card_id", *_NEWEST_FIRST],
    "ix_payments_program_id": ["program_id", *_NEWEST_FIRST],
    "ix_payments_merchant_id": ["merchant_id", *_NEWEST_FIRST],
    "ix_payments_user_id_merchant_group": ["user_id", "merchant_group", *_NEWEST_FIRST],
    "ix_payments_user_id_mcc": ["user_id", "mcc", *_NEWEST_FIRST],
    "ix_payments_user_id_status": ["user_id", "status", *_NEWEST_FIRST],
    "ix_payments_program_id_status": ["program_id", "status", *_NEWEST_FIRST],
    "ix_payments_user_id_amount": ["user_id", "amount"],
    "ix_payments_program_id_amount": ["program_id", "amount"],
}
_BEFORE: Final = {
    "ix_payments_user_id_opened_at": ["user_id", "opened_at"],
    "ix_payments_user_id": ["user_id", "id"],
    "ix_payments_card_id": ["card_id", "id"],
}
# LIKE is not leakproof, so row-level security keeps it from every index. These functions look in the index
# for those who are confined, and show each of them what the policies would.
_FINDERS: Final = {
    "own_payments_with_text": ("user_id", "cardwright_customer, cardwright_staff"),
    "program_payments_with_text": ("program_id", "cardwright_staff"),
}
_ADDITIONS: Final = ("receipts", "payment_tags", "payment_notes")
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
# Kept with a payment of one's own, and with no other.
_OWN: Final = (
    "user_id = current_setting('cardwright.user_id', true)"
    " AND EXISTS (SELECT FROM payments WHERE payments.id = payment_id)"
)
_READ_BY_HOLDERS: Final = {
    "postings": "ledger_accounts WHERE ledger_accounts.id = postings.account_id",
    "journal_entries": "postings WHERE postings.entry_id = journal_entries.id",
}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    op.add_column("payments", sa.Column("amount", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("payments", "amount", server_default=None)
    op.execute(_WHAT_IT_COMES_TO)
    op.add_column(
        "payments",
        sa.Column("search_text", sa.Text(), sa.Computed(_SEARCHED, persisted=True), nullable=False),
    )
    for name in _BEFORE:
        op.drop_index(name, table_name="payments")
    for name, columns in _INDEXES.items():
        op.create_index(name, "payments", columns)
    # Not gathered to be sorted in later: that would fall on some authorization that waits for an answer.
    op.execute(
        "CREATE INDEX ix_payments_search_text ON payments"
        " USING gin (user_id, search_text gin_trgm_ops) WITH (fastupdate = off)"
    )
    for name, (owner, role) in _FINDERS.items():
        op.execute(
            f"CREATE FUNCTION {name}(pattern text, at_most int) RETURNS SETOF text"  # noqa: S608
            " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp"
            " SET plan_cache_mode = force_custom_plan AS $$"
            f" SELECT id FROM payments WHERE {owner} = current_setting('cardwright.{owner}', true)"
            " AND search_text LIKE pattern LIMIT at_most $$"
        )
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {role}")
    _let_holders_read()
    _make_additions()


def _let_holders_read() -> None:
    # Reading alone: what is posted is written for people, never by them.
    for table, condition in _READ_BY_HOLDERS.items():
        op.execute(f"DROP POLICY cardwright_customer ON {table}")
        op.execute(
            f"CREATE POLICY cardwright_customer ON {table} FOR SELECT TO cardwright_customer"  # noqa: S608
            f" USING (EXISTS (SELECT FROM {condition}))"
        )


def _make_additions() -> None:
    whose = ("program_id", "user_id")
    op.create_table(
        "payment_notes",
        *_ids("payment_id", *whose),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_notes")),
    )
    op.create_index(op.f("ix_payment_notes_user_id"), "payment_notes", ["user_id"])
    op.create_table(
        "payment_tags",
        *_ids("payment_id"),
        sa.Column("tag", sa.Text(), nullable=False),
        *_ids(*whose),
        sa.PrimaryKeyConstraint("payment_id", "tag", name=op.f("pk_payment_tags")),
    )
    op.create_index("ix_payment_tags_user_id", "payment_tags", ["user_id", "tag"])
    op.create_table(
        "receipts",
        *_ids("id", *whose, "payment_id"),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_user_id"), "receipts", ["user_id"])
    op.create_index(op.f("ix_receipts_payment_id"), "receipts", ["payment_id"])
    for table in _ADDITIONS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_customer ON {table} TO cardwright_customer USING ({_OWN})")
        # Staff read what holders add, and add nothing.
        op.execute(
            f"CREATE POLICY cardwright_staff ON {table} FOR SELECT TO cardwright_staff USING ({_PROGRAM})"
        )


def _ids(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(collation="C"), nullable=False) for name in names]


def downgrade() -> None:
    for table in _ADDITIONS:
        op.drop_table(table)
    op.execute("DROP POLICY cardwright_customer ON journal_entries")
    op.execute("DROP POLICY cardwright_customer ON postings")
    op.execute("CREATE POLICY cardwright_customer ON journal_entries TO cardwright_customer USING (false)")
    op.execute(
        "CREATE POLICY cardwright_customer ON postings TO cardwright_customer"
        " USING (EXISTS (SELECT FROM journal_entries WHERE journal_entries.id = postings.entry_id))"
    )
    for name in _FINDERS:
        op.execute(f"DROP FUNCTION {name}")
    for name in ("ix_payments_search_text", *_INDEXES):
        op.drop_index(name, table_name="payments")
    for name, columns in _BEFORE.items():
        op.create_index(name, "payments", columns)
    for column in ("search_text", "amount"):
        op.drop_column("payments", column)
