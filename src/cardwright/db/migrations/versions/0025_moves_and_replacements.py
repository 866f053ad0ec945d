"""Time zones lived in before, cards that start frozen, and when the number of a canceled card is erased."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
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
    op.create_index("ix_reveal_grants_expires_at", "reveal_grants", ["expires_at"])
    _let_numbers_go()


def _let_numbers_go() -> None:
    canceled = op.get_bind().execute(sa.text("SELECT id FROM cards WHERE state = 'canceled'")).scalars().all()
    op.execute("SET LOCAL ROLE cardwright_vault")
    op.add_column("card_numbers", sa.Column("erase_after", sa.DateTime(timezone=True)), schema="vault")
    op.create_index("ix_card_numbers_erase_after", "card_numbers", ["erase_after"], schema="vault")
    # Those that were canceled before are kept as long as if they had been canceled now.
    op.get_bind().execute(
        sa.text(
            "UPDATE vault.card_numbers SET erase_after = now() + interval '30 days' WHERE card_id = ANY (:ids)"
        ),
        {"ids": list(canceled)},
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    op.drop_index("ix_reveal_grants_expires_at", "reveal_grants")
    op.execute("SET LOCAL ROLE cardwright_vault")
    op.drop_column("card_numbers", "erase_after", schema="vault")
    op.execute("RESET ROLE")
    op.drop_column("cards", "starts_frozen")
    op.drop_table("left_time_zones")
