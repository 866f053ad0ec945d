"""Velocity: one narrow row per authorization, made of the decisions that there are."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_MONEY: Final = ("is_approved", "currency", "amount")
# The n-th of a program is at least a microsecond later than the one before, and no earlier than it was decided.
_FROM_DECISIONS: Final = """
INSERT INTO velocity_events (
  decision_id, program_id, card_id, user_id, merchant_id, merchant_country, mcc, currency, amount, is_approved,
  occurred_at
)
SELECT id, program_id, card_id, user_id, merchant_id, merchant_country, mcc, currency, amount, is_approved,
  max(decided_at - n * interval '1 microsecond') OVER (PARTITION BY program_id ORDER BY n)
    + n * interval '1 microsecond'
FROM (
  SELECT d.id, d.program_id, d.card_id, p.user_id, p.merchant_id, p.merchant_country, p.mcc,
    d.facts ->> 'currency' AS currency, d.amount, d.outcome = 'approved' AS is_approved, d.decided_at,
    row_number() OVER (PARTITION BY d.program_id ORDER BY d.decided_at, d.id) AS n
  FROM decisions AS d
  JOIN payment_elements AS e ON e.decision_id = d.id
  JOIN payments AS p ON p.id = e.payment_id
  WHERE d.kind = 'authorization' AND d.card_id IS NOT NULL
) AS decided
"""


def upgrade() -> None:
    op.create_table(
        "velocity_events",
        sa.Column("decision_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("merchant_country", sa.Text(), nullable=False),
        sa.Column("mcc", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_velocity_events")),
    )
    op.execute(_FROM_DECISIONS)
    for name, columns, included in (
        ("card_id", ("card_id",), ("merchant_id", "merchant_country")),
        ("user_id", ("user_id",), ("merchant_id", "merchant_country")),
        ("merchant_id", ("merchant_id",), ("card_id", "user_id")),
        ("card_merchant", ("card_id", "merchant_id"), ()),
    ):
        op.create_index(
            f"ix_velocity_events_{name}", "velocity_events", [*columns, "occurred_at"], unique=False,
            postgresql_include=[*_MONEY, *included],
        )  # fmt: skip
    # An index answers alone where pages are known to be visible to all: that is noted by vacuuming, which a
    # table that only grows would else wait for until a fifth was added.
    op.execute("ALTER TABLE velocity_events SET (autovacuum_vacuum_insert_scale_factor = 0.01)")
    op.execute("ALTER TABLE velocity_events ENABLE ROW LEVEL SECURITY")
    # Customers see none of it: only decisions look at it, and those are nobody's.
    op.execute(f"CREATE POLICY cardwright_staff ON velocity_events TO cardwright_staff USING ({_PROGRAM})")
    for name, event, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("never_emptied", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON velocity_events"
            f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("velocity_events")
