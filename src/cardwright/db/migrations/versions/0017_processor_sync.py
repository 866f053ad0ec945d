"""What the processor was last told of a card, where it differed from that, and cards that it held up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.add_column("cards", sa.Column("held_up_reason", sa.Text()))
    op.add_column("cards", sa.Column("refusals", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "card_mirrors",
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("limits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("card_id", name=op.f("pk_card_mirrors")),
    )
    op.execute(
        "INSERT INTO card_mirrors SELECT id, CASE WHEN state = 'active' AND staff_locked_at IS NOT NULL"
        " THEN 'frozen' ELSE state END, '{}' FROM cards WHERE processor_reference IS NOT NULL"
    )
    op.create_table(
        "card_drifts",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("theirs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("repair IN ('canceled_here', 'pushed')", name=op.f("ck_card_drifts_repair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_drifts")),
    )
    op.create_index("ix_card_drifts_program_id", "card_drifts", ["program_id", "id"])
    op.create_index("ix_card_drifts_card_id", "card_drifts", ["card_id", "id"])
    op.create_index(
        "uq_card_drifts_open",
        "card_drifts",
        ["card_id"],
        unique=True,
        postgresql_where=sa.text("repaired_at IS NULL"),
    )
    for table in ("card_mirrors", "card_drifts"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    # Customers see neither: what a processor was told is no business of theirs.
    op.execute(f"CREATE POLICY cardwright_staff ON card_drifts TO cardwright_staff USING ({_PROGRAM})")


def downgrade() -> None:
    op.drop_table("card_drifts")
    op.drop_table("card_mirrors")
    op.drop_column("cards", "refusals")
    op.drop_column("cards", "held_up_reason")
