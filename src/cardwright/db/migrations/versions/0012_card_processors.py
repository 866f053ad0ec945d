"""Cards and holders know the processor they are at."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("cards", "processor_holders"):
        op.add_column(table, sa.Column("processor", sa.Text(), server_default="stripe", nullable=False))
    op.drop_constraint("pk_processor_holders", "processor_holders", type_="primary")
    op.create_primary_key("pk_processor_holders", "processor_holders", ["user_id", "processor"])


def downgrade() -> None:
    # The older schema knows one processor: what is at another one cannot be kept there.
    op.execute("DELETE FROM processor_holders WHERE processor <> 'stripe'")
    op.drop_constraint("pk_processor_holders", "processor_holders", type_="primary")
    op.create_primary_key("pk_processor_holders", "processor_holders", ["user_id"])
    for table in ("processor_holders", "cards"):
        op.drop_column(table, "processor")
