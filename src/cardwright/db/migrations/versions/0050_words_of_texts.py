"""Text messages: what stands for their words, by which one whose sending was cut off is found again."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifications", sa.Column("text_digest", sa.Text(collation="C"), nullable=True))


def downgrade() -> None:
    op.drop_column("notifications", "text_digest")
