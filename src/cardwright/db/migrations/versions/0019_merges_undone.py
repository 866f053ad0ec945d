"""Merchants that are merged stay themselves; what each id was seen with; whether a program learns."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"
_SEEN = """
    UPDATE merchant_acceptors AS known SET descriptor = seen.descriptor, mcc = seen.mcc
    FROM (
        SELECT DISTINCT ON (program_id, source, merchant ->> 'id')
            program_id, source, merchant ->> 'id' AS acceptor_id,
            merchant ->> 'name' AS descriptor, merchant ->> 'mcc' AS mcc
        FROM payments ORDER BY program_id, source, merchant ->> 'id', id
    ) AS seen
    WHERE (known.program_id, known.source, known.acceptor_id)
        = (seen.program_id, seen.source, seen.acceptor_id)
"""
_NEVER_SEEN = """
    UPDATE merchant_acceptors AS known SET descriptor = merchants.name, mcc = merchants.mcc
    FROM merchants WHERE merchants.id = known.merchant_id AND known.descriptor IS NULL
"""


def upgrade() -> None:
    op.add_column("merchants", sa.Column("identity_id", sa.Text(collation="C")))
    # What was merged before has given away its ids: such a merge can be undone in name only.
    op.execute("UPDATE merchants SET identity_id = coalesce(merged_into, id)")
    op.alter_column("merchants", "identity_id", nullable=False)
    op.create_check_constraint(
        op.f("ck_merchants_identity"), "merchants", "(merged_into IS NULL) = (identity_id = id)"
    )
    op.create_index(op.f("ix_merchants_identity_id"), "merchants", ["identity_id"])
    for column in ("descriptor", "mcc"):
        op.add_column("merchant_acceptors", sa.Column(column, sa.Text()))
    op.execute(_SEEN)
    op.execute(_NEVER_SEEN)
    for column in ("descriptor", "mcc"):
        op.alter_column("merchant_acceptors", column, nullable=False)
    op.create_table(
        "merchant_learning",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_merchant_learning")),
    )
    op.execute("ALTER TABLE merchant_learning ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY cardwright_staff ON merchant_learning TO cardwright_staff USING ({_PROGRAM})")


def downgrade() -> None:
    op.drop_table("merchant_learning")
    for table in ("merchant_acceptors", "merchant_descriptors"):
        op.execute(
            f"UPDATE {table} SET merchant_id = merchants.identity_id"  # noqa: S608 - two names of ours
            f" FROM merchants WHERE merchants.id = {table}.merchant_id"
        )
    for column in ("descriptor", "mcc"):
        op.drop_column("merchant_acceptors", column)
    op.drop_constraint(op.f("ck_merchants_identity"), "merchants")
    op.execute("UPDATE merchants SET merged_into = identity_id WHERE merged_into IS NOT NULL")
    op.drop_column("merchants", "identity_id")
