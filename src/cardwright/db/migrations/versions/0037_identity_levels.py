"""What levels of verification allow, where a program decides."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.create_table(
        "identity_levels",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("added_30d", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("program_id", "level", name=op.f("pk_identity_levels")),
        sa.CheckConstraint("level BETWEEN 0 AND 2", name=op.f("ck_identity_levels_level")),
        sa.CheckConstraint(
            "cards >= 0 AND balance >= 0 AND added_30d >= 0", name=op.f("ck_identity_levels_allowed")
        ),
    )
    op.execute("ALTER TABLE identity_levels ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY cardwright_staff ON identity_levels TO cardwright_staff USING ({_PROGRAM})")
    seen = "CREATE POLICY seen ON identity_levels FOR SELECT TO cardwright_customer"
    op.execute(f"{seen} USING ({_PROGRAM})")


def downgrade() -> None:
    op.drop_table("identity_levels")
