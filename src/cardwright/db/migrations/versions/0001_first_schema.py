"""The first schema."""

from pathlib import Path

from alembic import op

from cardwright.db.base import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    for statement in (Path(__file__).parent.parent / "ledger.sql").read_text().split(";\n\n"):
        op.execute(statement)


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
