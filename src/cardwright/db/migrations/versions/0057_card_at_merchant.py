"""Velocity of a card at a merchant: by one key, so that no plan can mistake another index for this one."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_velocity_events_card_merchant", "velocity_events")
    op.create_index(
        "ix_velocity_events_card_merchant",
        "velocity_events",
        [sa.text("((card_id || ' ') || merchant_id)"), "occurred_at"],
    )


def downgrade() -> None:
    op.drop_index("ix_velocity_events_card_merchant", "velocity_events")
    op.create_index(
        "ix_velocity_events_card_merchant",
        "velocity_events",
        ["card_id", "merchant_id", "occurred_at"],
        postgresql_include=["is_approved", "currency", "amount"],
    )
