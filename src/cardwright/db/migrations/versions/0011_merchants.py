"""Merchants as identities, with the ids and descriptors that mean them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.create_table(
        "merchants",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mcc", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.Text(collation="C"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchants")),
    )
    op.create_index("ix_merchants_program_id", "merchants", ["program_id", "id"])
    op.create_index(op.f("ix_merchants_merged_into"), "merchants", ["merged_into"])
    op.create_table(
        "merchant_acceptors",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("acceptor_id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "source", "acceptor_id", name=op.f("pk_merchant_acceptors")),
    )
    op.create_index(op.f("ix_merchant_acceptors_merchant_id"), "merchant_acceptors", ["merchant_id"])
    op.create_table(
        "merchant_descriptors",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("descriptor", sa.Text(), nullable=False),
        sa.Column("mcc", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "descriptor", "mcc", name=op.f("pk_merchant_descriptors")),
    )
    op.create_index(op.f("ix_merchant_descriptors_merchant_id"), "merchant_descriptors", ["merchant_id"])
    for table in ("merchants", "merchant_acceptors", "merchant_descriptors"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
        # Customers look merchants up to lock a card to one; they change none.
        op.execute(f"CREATE POLICY looked_up ON {table} FOR SELECT TO cardwright_customer USING ({_PROGRAM})")


def downgrade() -> None:
    for table in ("merchant_descriptors", "merchant_acceptors", "merchants"):
        op.drop_table(table)
