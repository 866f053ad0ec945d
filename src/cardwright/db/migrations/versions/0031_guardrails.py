"""Guardrails that every publication of rules is held to."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.create_table(
        "rule_guardrails",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_guardrails")),
        sa.UniqueConstraint("program_id", "name", name=op.f("uq_rule_guardrails_program_id_name")),
    )
    op.execute("ALTER TABLE rule_guardrails ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY cardwright_staff ON rule_guardrails TO cardwright_staff USING ({_PROGRAM})")


def downgrade() -> None:
    op.drop_table("rule_guardrails")
