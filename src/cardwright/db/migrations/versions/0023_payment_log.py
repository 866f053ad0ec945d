"""The log of payments: what one comes to, what is searched for in it, and an index for each way to look."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
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


def downgrade() -> None:
    for name in _FINDERS:
        op.execute(f"DROP FUNCTION {name}")
    for name in ("ix_payments_search_text", *_INDEXES):
        op.drop_index(name, table_name="payments")
    for name, columns in _BEFORE.items():
        op.create_index(name, "payments", columns)
    for column in ("search_text", "amount"):
        op.drop_column("payments", column)
