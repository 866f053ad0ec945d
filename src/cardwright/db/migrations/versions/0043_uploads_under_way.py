"""Uploads of identity documents that are under way, so that what comes to nothing is removed."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_TABLE: Final = "identity_document_uploads"
_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_document_uploads")),
        sa.UniqueConstraint("object_name", name=op.f("uq_identity_document_uploads_object_name")),
    )
    op.create_index("ix_identity_document_uploads_begun_at", _TABLE, ["begun_at"])
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own ON {_TABLE} TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY cardwright_staff ON {_TABLE} TO cardwright_staff USING ({_PROGRAM})")
    op.execute(f"REVOKE UPDATE ON {_TABLE} FROM cardwright_customer, cardwright_staff")


def downgrade() -> None:
    op.drop_table(_TABLE)


def _reference(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)
