"""The stream of events that holders and developers read, in one order per program."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true) AND is_for_holder"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("events", "event_streams")


def upgrade() -> None:
    op.create_table(
        "event_streams",
        _reference("program_id"),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("swept_position", sa.BigInteger(), nullable=False),
        sa.Column("cursor_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", name=op.f("pk_event_streams")),
    )
    op.create_table(
        "events",
        _reference("program_id"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        _reference("id"),
        sa.Column("type", sa.Text(), nullable=False),
        _reference("subject_id"),
        _reference("user_id", nullable=True),
        sa.Column("is_for_holder", sa.Boolean(), nullable=False),
        sa.Column("is_for_developer", sa.Boolean(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "position", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    op.create_index(
        "ix_events_of_holder", "events", ["user_id", "position"],
        postgresql_where=sa.text("is_for_holder AND user_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_events_subject_id_position", "events", ["subject_id", "position"])
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
        # Whoever is confined reads: the stream is written by the relay alone.
        op.execute(f"REVOKE ALL ON {table} FROM cardwright_customer, cardwright_staff")
        op.execute(f"GRANT SELECT ON {table} TO cardwright_customer, cardwright_staff")
    op.execute(f"CREATE POLICY own ON events TO cardwright_customer USING ({_OWN})")
    op.execute(f"CREATE POLICY own ON event_streams TO cardwright_customer USING ({_PROGRAM})")


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)
