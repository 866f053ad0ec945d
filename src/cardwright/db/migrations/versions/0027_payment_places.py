"""Where was paid, kept once: the log's texts, merchants and categories are looked for among places."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TEXT: Final = "lower(' ' || (merchant ->> 'name') || ' ' || coalesce(merchant ->> 'city', ''))"
_ID: Final = (
    "md5(program_id || '/' || merchant_id || '/' || merchant_group || '/' || (merchant ->> 'mcc')"
    f" || {_TEXT})::uuid"
)
_SEARCHED: Final = (
    "lower(' ' || (merchant ->> 'name') || ' ' || coalesce(merchant ->> 'city', '') || ' '"
    " || coalesce(last4, ''))"
)
_NEWEST_FIRST: Final = ["opened_at", "id"]
_CHANGING: Final = ["status", "amount"]
# What is looked for by, and what else may be asked for.
_INDEXES: Final = {
    "ix_payments_user_id_place_id": (["user_id", "place_id"], ["card_id", *_CHANGING]),
    "ix_payments_place_id": (["place_id"], ["program_id", "card_id", *_CHANGING]),
    "ix_payments_card_id": (["card_id"], ["user_id", "program_id", *_CHANGING]),
    "ix_payments_user_id_status": (["user_id", "status"], ["amount"]),
    "ix_payments_program_id_status": (["program_id", "status"], ["amount"]),
}
_BEFORE: Final = {
    "ix_payments_merchant_id": ["merchant_id"],
    "ix_payments_user_id_merchant_group": ["user_id", "merchant_group"],
    "ix_payments_user_id_mcc": ["user_id", "mcc"],
    "ix_payments_card_id": ["card_id"],
    "ix_payments_user_id_status": ["user_id", "status"],
    "ix_payments_program_id_status": ["program_id", "status"],
}
_KNOWN_BY_NOW: Final = {
    "payment_places (id, program_id, merchant_id, merchant_group, mcc, text)": (
        "DISTINCT ON (place_id) place_id, program_id, merchant_id, merchant_group, mcc,"
        f" {_TEXT} FROM payments"
    ),
    "places_paid (user_id, place_id)": "DISTINCT user_id, place_id FROM payments",
    "cards_paid (user_id, last4, card_id, program_id)": (
        "DISTINCT ON (user_id, last4, card_id) user_id, last4, card_id, program_id"
        " FROM payments WHERE last4 IS NOT NULL"
    ),
}
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
# A row that VACUUM has not seen must itself be read to be passed over: at most one in fifty is left like that.
_TIDIED: Final = {"autovacuum_vacuum_insert_scale_factor": 0.02, "autovacuum_vacuum_scale_factor": 0.02}
# Read alone: what is known of places is written with a payment, and payments nobody confined writes.
_SEEN: Final = {
    "payment_places": {"cardwright_customer": "false", "cardwright_staff": _PROGRAM},
    "places_paid": {"cardwright_customer": _OWN, "cardwright_staff": "false"},
    "cards_paid": {"cardwright_customer": _OWN, "cardwright_staff": _PROGRAM},
}
_FITS: Final = (
    "(pattern IS NULL OR text LIKE pattern)"
    " AND (merchants IS NULL OR merchant_id = ANY (merchants))"
    " AND (category IS NULL OR CASE WHEN category ~ '^[0-9]' THEN mcc = category"
    " ELSE merchant_group = category END)"
)
# LIKE is not leakproof, so row-level security keeps it from every index, and what a customer may see of places
# hangs on where that customer paid. These functions look for those who are confined, and tell each of them
# nothing that the policies of payments would not.
_FINDERS: Final = {
    "own_payment_places": (
        f"places_paid JOIN payment_places ON payment_places.id = place_id WHERE {_OWN} AND {_PROGRAM}",
        "cardwright_customer, cardwright_staff",
    ),
    "program_payment_places": (f"payment_places WHERE {_PROGRAM}", "cardwright_staff"),
}
_FINDERS_BEFORE: Final = {
    "own_payments_with_text": ("user_id", "cardwright_customer, cardwright_staff"),
    "program_payments_with_text": ("program_id", "cardwright_staff"),
}
_SAFELY: Final = (
    "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp"
    " SET plan_cache_mode = force_custom_plan"
)


def upgrade() -> None:
    for name in _FINDERS_BEFORE:
        op.execute(f"DROP FUNCTION {name}")
    for name in ("ix_payments_search_text", *_BEFORE):
        op.drop_index(name, table_name="payments")
    op.drop_column("payments", "search_text")
    op.add_column(
        "payments", sa.Column("place_id", sa.Uuid(), sa.Computed(_ID, persisted=True), nullable=False)
    )
    for name, (columns, beside) in _INDEXES.items():
        op.create_index(name, "payments", [*columns, *_NEWEST_FIRST], postgresql_include=beside)
    tidied = ", ".join(f"{name} = {value}" for name, value in _TIDIED.items())
    op.execute(f"ALTER TABLE payments SET ({tidied})")
    _make_tables()
    for table, known in _KNOWN_BY_NOW.items():
        op.execute(f"INSERT INTO {table} SELECT {known}")
    op.create_index("ix_payment_places_merchant_id", "payment_places", ["merchant_id"])
    for column in ("merchant_group", "mcc"):
        op.create_index(f"ix_payment_places_program_id_{column}", "payment_places", ["program_id", column])
    op.execute(
        "CREATE INDEX ix_payment_places_text ON payment_places"
        " USING gin (text gin_trgm_ops) WITH (fastupdate = off)"
    )
    op.create_index("ix_cards_paid_program_id", "cards_paid", ["program_id", "last4", "card_id"])
    for table, policies in _SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for role, condition in policies.items():
            op.execute(f"CREATE POLICY {role} ON {table} FOR SELECT TO {role} USING ({condition})")
    for name, (where, roles) in _FINDERS.items():
        op.execute(
            f"CREATE FUNCTION {name}(pattern text, merchants text[], category text) RETURNS SETOF uuid"  # noqa: S608
            f" {_SAFELY} AS $$ SELECT payment_places.id FROM {where} AND {_FITS} $$"
        )
        _let(roles, name)


def _make_tables() -> None:
    op.create_table(
        "payment_places",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_ids("program_id", "merchant_id"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("merchant_group", "mcc", "text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_places")),
    )
    op.create_table(
        "places_paid",
        *_ids("user_id"),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "place_id", name=op.f("pk_places_paid")),
    )
    op.create_table(
        "cards_paid",
        *_ids("user_id"),
        sa.Column("last4", sa.Text(), nullable=False),
        *_ids("card_id", "program_id"),
        sa.PrimaryKeyConstraint("user_id", "last4", "card_id", name=op.f("pk_cards_paid")),
    )


def _ids(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(collation="C"), nullable=False) for name in names]


def _let(roles: str, function: str) -> None:
    op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")


def downgrade() -> None:
    for name in _FINDERS:
        op.execute(f"DROP FUNCTION {name}")
    for table in _SEEN:
        op.drop_table(table)
    op.execute(f"ALTER TABLE payments RESET ({', '.join(_TIDIED)})")
    for name in _INDEXES:
        op.drop_index(name, table_name="payments")
    op.drop_column("payments", "place_id")
    op.add_column(
        "payments",
        sa.Column("search_text", sa.Text(), sa.Computed(_SEARCHED, persisted=True), nullable=False),
    )
    for name, columns in _BEFORE.items():
        op.create_index(name, "payments", [*columns, *_NEWEST_FIRST])
    op.execute(
        "CREATE INDEX ix_payments_search_text ON payments"
        " USING gin (user_id, search_text gin_trgm_ops) WITH (fastupdate = off)"
    )
    for name, (owner, roles) in _FINDERS_BEFORE.items():
        op.execute(
            f"CREATE FUNCTION {name}(pattern text, at_most int) RETURNS SETOF text"  # noqa: S608
            f" {_SAFELY} AS $$ SELECT id FROM payments"
            f" WHERE {owner} = current_setting('cardwright.{owner}', true)"
            " AND search_text LIKE pattern LIMIT at_most $$"
        )
        _let(roles, name)
