"""Named lists that rules ask, and their entries."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("rule_lists", "rule_list_entries")


def upgrade() -> None:
    op.create_table(
        "rule_lists",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_lists")),
        sa.UniqueConstraint("program_id", "name", name=op.f("uq_rule_lists_program_id_name")),
    )
    op.create_table(
        "rule_list_entries",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("list_id", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(collation="C"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "value", name=op.f("pk_rule_list_entries")),
    )
    op.create_index(
        "ix_rule_list_entries_expires_at", "rule_list_entries", ["expires_at"], unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )  # fmt: skip
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # Customers see none of it: who knew a list could go round it.
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
