"""Risk models, of which one per program may score authorizations."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.create_table(
        "risk_models",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("onnx", sa.LargeBinary(), nullable=False),
        sa.Column("features", postgresql.JSONB(), nullable=False),
        sa.Column("metrics", postgresql.JSONB(), nullable=False),
        sa.Column("trained_on", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_models")),
        sa.UniqueConstraint("program_id", "version", name=op.f("uq_risk_models_program_id_version")),
        sa.UniqueConstraint("program_id", "hash", name=op.f("uq_risk_models_program_id_hash")),
    )
    op.create_index(
        "uq_risk_models_active", "risk_models", ["program_id"], unique=True,
        postgresql_where=sa.text("is_active"),
    )  # fmt: skip
    op.execute("ALTER TABLE risk_models ENABLE ROW LEVEL SECURITY")
    # Customers see none of it: who knew a model could try what it lets pass.
    op.execute(f"CREATE POLICY cardwright_staff ON risk_models TO cardwright_staff USING ({_PROGRAM})")


def downgrade() -> None:
    op.drop_table("risk_models")
