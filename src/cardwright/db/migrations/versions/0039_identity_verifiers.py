"""Which vendor an identity verification is at, and how often its start was tried."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLE = "identity_verifications"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("provider", sa.Text(), server_default="stripe", nullable=False))
    # What is requested already may have been tried at Stripe: it stays there.
    op.add_column(_TABLE, sa.Column("start_attempts", sa.Integer(), server_default="1", nullable=False))
    op.alter_column(_TABLE, "start_attempts", server_default="0")


def downgrade() -> None:
    op.drop_column(_TABLE, "start_attempts")
    op.drop_column(_TABLE, "provider")
