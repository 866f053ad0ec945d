"""Types of cards, limits and controls for whole programs and for single cards, exceptions, replacements, locks."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_USER = "current_setting('cardwright.user_id', true)"
_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"
_OWN_CARD = "scope = 'card' AND EXISTS (SELECT FROM cards WHERE cards.id = subject_id)"
_SCOPES = "scope IN ('card', 'customer', 'level', 'program')"
_CARD_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("uses", sa.Integer()),
    sa.Column("exact_amount", sa.BigInteger()),
    sa.Column("is_locked", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("locked_merchant_id", sa.Text(collation="C")),
    sa.Column("valid_from", sa.DateTime(timezone=True)),
    sa.Column("valid_until", sa.DateTime(timezone=True)),
    sa.Column("colour", sa.Text()),
    sa.Column("icon", sa.Text()),
    sa.Column("template_id", sa.Text(collation="C")),
    sa.Column("replacement_for", sa.Text(collation="C")),
    sa.Column("replacement_reason", sa.Text()),
    sa.Column("replaced_by", sa.Text(collation="C")),
    sa.Column("staff_lock_reason", sa.Text()),
    sa.Column("staff_locked_by", sa.Text(collation="C")),
    sa.Column("staff_locked_at", sa.DateTime(timezone=True)),
    sa.Column("expiry_told_at", sa.DateTime(timezone=True)),
)
_CARD_CHECKS = {
    "uses": "uses > 0",
    "exact_amount": "exact_amount > 0",
    "locked_merchant": "is_locked OR locked_merchant_id IS NULL",
    "staff_lock": "num_nonnulls(staff_lock_reason, staff_locked_by, staff_locked_at) IN (0, 3)",
}


def upgrade() -> None:
    _extend_cards()
    _make_limits()
    _make_exceptions()
    _extend_payments()


def _extend_cards() -> None:
    _add_from("cards", "root_card_id", "id")
    for column in _CARD_COLUMNS:
        op.add_column("cards", column._copy())  # noqa: SLF001 - a migration may run twice in a process
    op.alter_column("cards", "is_locked", server_default=None)
    for name, condition in _CARD_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_cards_{name}"), "cards", condition)
    op.create_unique_constraint(op.f("uq_cards_replacement_for"), "cards", ["replacement_for"])
    op.create_index(op.f("ix_cards_root_card_id"), "cards", ["root_card_id"])


def _add_from(table: str, column: str, value: str) -> None:
    op.add_column(table, sa.Column(column, sa.Text(collation="C")))
    op.execute(f"UPDATE {table} SET {column} = {value}")  # noqa: S608 - names of this file
    op.alter_column(table, column, nullable=False)


def _make_limits() -> None:
    op.create_table(
        "spending_limits",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("at_most", sa.BigInteger(), nullable=False),
        sa.Column("span_seconds", sa.Integer(), nullable=True),
        sa.Column("selection", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(_SCOPES, name=op.f("ck_spending_limits_scope")),
        sa.CheckConstraint("at_most >= 0", name=op.f("ck_spending_limits_at_most")),
        sa.CheckConstraint(
            "(span_seconds IS NOT NULL) = (\"window\" = 'rolling')", name=op.f("ck_spending_limits_span")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_spending_limits")),
    )
    op.create_index("ix_spending_limits_subject", "spending_limits", ["subject_id", "scope"])
    op.create_table(
        "spending_controls",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(_SCOPES, name=op.f("ck_spending_controls_scope")),
        sa.PrimaryKeyConstraint(
            "subject_id", "scope", "dimension", "effect", name=op.f("pk_spending_controls")
        ),
    )
    op.execute(
        'INSERT INTO spending_limits (program_id, scope, subject_id, "window", measure, at_most, selection)'
        " SELECT cards.program_id, 'card', card_id, \"window\", 'amount', amount, '{}'"
        " FROM card_limits JOIN cards ON cards.id = card_id"
    )
    op.drop_table("card_limits")
    for table in ("spending_limits", "spending_controls"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
        op.execute(f"CREATE POLICY cardwright_customer ON {table} TO cardwright_customer USING ({_OWN_CARD})")
        # What staff set for everybody, or for this customer, can be read but not changed.
        op.execute(
            f"CREATE POLICY held_to ON {table} FOR SELECT TO cardwright_customer USING ({_PROGRAM} AND"
            f" (scope IN ('level', 'program') OR (scope = 'customer' AND subject_id = {_USER})))"
        )


def _make_exceptions() -> None:
    op.create_table(
        "spending_exceptions",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_exceptions")),
    )
    op.create_index("ix_spending_exceptions_card_id", "spending_exceptions", ["card_id", "until"])
    op.execute("ALTER TABLE spending_exceptions ENABLE ROW LEVEL SECURITY")
    for role in ("cardwright_customer", "cardwright_staff"):
        op.execute(
            f"CREATE POLICY {role} ON spending_exceptions TO {role}"
            " USING (EXISTS (SELECT FROM cards WHERE cards.id = spending_exceptions.card_id))"
        )


def _extend_payments() -> None:
    _add_from("payments", "root_card_id", "card_id")
    _add_from("payments", "merchant_id", "merchant ->> 'id'")
    op.add_column("payments", sa.Column("merchant_group", sa.Text(), nullable=False, server_default="other"))
    op.alter_column("payments", "merchant_group", server_default=None)
    for column, member in (("mcc", "mcc"), ("merchant_country", "country")):
        written = sa.Computed(f"merchant ->> '{member}'", persisted=True)
        op.add_column("payments", sa.Column(column, sa.Text(), written, nullable=False))
    op.drop_index("ix_payments_card_id", table_name="payments")
    op.create_index("ix_payments_root_card_id", "payments", ["root_card_id", "opened_at"])
    op.create_index("ix_payments_user_id_opened_at", "payments", ["user_id", "opened_at"])
    op.create_index("ix_payments_card_id", "payments", ["card_id", "id"])


def downgrade() -> None:
    for index in ("ix_payments_root_card_id", "ix_payments_user_id_opened_at", "ix_payments_card_id"):
        op.drop_index(index, table_name="payments")
    for column in ("merchant_country", "mcc", "merchant_group", "merchant_id", "root_card_id"):
        op.drop_column("payments", column)
    op.create_index("ix_payments_card_id", "payments", ["card_id", "opened_at"])
    op.create_table(
        "card_limits",
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_card_limits_amount")),
        sa.PrimaryKeyConstraint("card_id", "window", name=op.f("pk_card_limits")),
    )
    op.execute(
        'INSERT INTO card_limits SELECT subject_id, "window", min(at_most) FROM spending_limits'
        " WHERE scope = 'card' AND measure = 'amount' AND \"window\" <> 'rolling' AND selection = '{}'"
        ' GROUP BY subject_id, "window"'
    )
    op.execute("ALTER TABLE card_limits ENABLE ROW LEVEL SECURITY")
    for role in ("cardwright_customer", "cardwright_staff"):
        op.execute(
            f"CREATE POLICY {role} ON card_limits TO {role}"
            " USING (EXISTS (SELECT FROM cards WHERE cards.id = card_limits.card_id))"
        )
    for table in ("spending_exceptions", "spending_controls", "spending_limits"):
        op.drop_table(table)
    for column in (*(column.name for column in _CARD_COLUMNS), "root_card_id"):
        op.drop_column("cards", column)
