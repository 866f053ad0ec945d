"""The time zones that somebody lived in before, and whether a card is frozen as soon as it is issued."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "left_time_zones",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "time_zone", name=op.f("pk_left_time_zones")),
    )
    op.execute("ALTER TABLE left_time_zones ENABLE ROW LEVEL SECURITY")
    theirs = "EXISTS (SELECT FROM identities WHERE identities.user_id = left_time_zones.user_id)"
    for role in ("cardwright_customer", "cardwright_staff"):
        op.execute(f"CREATE POLICY {role} ON left_time_zones TO {role} USING ({theirs})")
    op.add_column(
        "cards", sa.Column("starts_frozen", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )


def downgrade() -> None:
    op.drop_column("cards", "starts_frozen")
    op.drop_table("left_time_zones")
