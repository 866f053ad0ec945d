"""What people are asked for when staff sends their verification back, and the words that they read."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_TABLE: Final = "identity_verifications"


def upgrade() -> None:
    op.add_column(
        _TABLE, sa.Column("missing", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column(_TABLE, sa.Column("message", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column(_TABLE, "message")
    op.drop_column(_TABLE, "missing")
