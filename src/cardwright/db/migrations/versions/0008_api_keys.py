"""API keys: their hashes, what they may do, until when, and when they were last used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WALLS = {
    "cardwright_customer": "user_id = current_setting('cardwright.user_id', true)",
    "cardwright_staff": "program_id = current_setting('cardwright.program_id', true)",
}


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_address", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("expires_at >= created_at", name=op.f("ck_api_keys_ends_no_sooner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_index(op.f("ix_api_keys_program_id_id"), "api_keys", ["program_id", "id"], unique=False)
    op.create_index(op.f("ix_api_keys_user_id_id"), "api_keys", ["user_id", "id"], unique=False)
    op.execute("ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY")
    for role, condition in _WALLS.items():
        op.execute(f"CREATE POLICY {role} ON api_keys TO {role} USING ({condition})")


def downgrade() -> None:
    op.drop_table("api_keys")
