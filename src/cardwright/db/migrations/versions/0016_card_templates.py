"""Templates that holders pick, and batches of cards that are made from a list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"
_OWN = "user_id = current_setting('cardwright.user_id', true)"


def upgrade() -> None:
    op.create_table(
        "card_templates",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("blueprint", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_templates")),
    )
    op.create_index("ix_card_templates_program_id_id", "card_templates", ["program_id", "id"])
    op.execute("ALTER TABLE card_templates ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY cardwright_staff ON card_templates TO cardwright_staff USING ({_PROGRAM})")
    op.execute(f"CREATE POLICY picked ON card_templates FOR SELECT TO cardwright_customer USING ({_PROGRAM})")
    _make_batches()


def _make_batches() -> None:
    op.create_table(
        "card_batches",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("processor", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("is_canceled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batches")),
    )
    op.create_index("ix_card_batches_user_id_id", "card_batches", ["user_id", "id"])
    op.create_table(
        "card_batch_rows",
        sa.Column("batch_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'made', 'failed', 'canceled')", name=op.f("ck_card_batch_rows_state")
        ),
        sa.CheckConstraint("(card_id IS NOT NULL) = (state = 'made')", name=op.f("ck_card_batch_rows_card")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_card_batch_rows")),
    )
    for role, condition in (("cardwright_customer", _OWN), ("cardwright_staff", _PROGRAM)):
        op.execute(f"CREATE POLICY {role} ON card_batches TO {role} USING ({condition})")
        op.execute(
            f"CREATE POLICY {role} ON card_batch_rows TO {role}"
            " USING (EXISTS (SELECT FROM card_batches WHERE card_batches.id = card_batch_rows.batch_id))"
        )
    for table in ("card_batches", "card_batch_rows"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    for table in ("card_batch_rows", "card_batches", "card_templates"):
        op.drop_table(table)
