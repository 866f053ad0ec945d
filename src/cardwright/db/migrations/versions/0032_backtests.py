"""Backtests of rules over recorded authorizations."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.create_table(
        "backtests",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", postgresql.JSONB(), nullable=False),
        sa.Column("requested_by", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows", "rows_of", "steps", "steps_of", "attempts")
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'canceled')", name=op.f("ck_backtests_state")
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (state IN ('queued', 'running'))", name=op.f("ck_backtests_finished_at")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backtests")),
    )
    op.create_index("ix_backtests_program_id", "backtests", ["program_id", "id"], unique=False)
    op.create_index(
        "ix_backtests_unfinished", "backtests", ["program_id", "id"], unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )  # fmt: skip
    op.execute("ALTER TABLE backtests ENABLE ROW LEVEL SECURITY")
    # Customers see none of it: what is tried against fraud is not for those who commit it.
    op.execute(f"CREATE POLICY cardwright_staff ON backtests TO cardwright_staff USING ({_PROGRAM})")


def downgrade() -> None:
    op.drop_table("backtests")
