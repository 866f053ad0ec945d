"""Entries by their payment: staff look at what one payment moved."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_journal_entries_payment_id",
        "journal_entries",
        ["payment_id"],
        postgresql_where="payment_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_index("ix_journal_entries_payment_id", "journal_entries")
