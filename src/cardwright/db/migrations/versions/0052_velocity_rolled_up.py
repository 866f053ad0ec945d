"""What velocity's events came to, rolled up, so that long windows need not count them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0056"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("velocity_totals", "velocity_last_seen", "velocity_last_counts")


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "velocity_totals",
        _id("entity"),
        _id("key"),
        _id("currency"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _id("program_id"),
        sa.Column("attempted", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.BigInteger(), nullable=False),
        sa.Column("spends", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "key", "currency", "at", name=op.f("pk_velocity_totals")),
    )
    op.create_table(
        "velocity_last_seen",
        _id("entity"),
        _id("key"),
        _id("measure"),
        _id("value"),
        _id("program_id"),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entity", "key", "measure", "value", name=op.f("pk_velocity_last_seen")),
    )
    op.create_table(
        "velocity_last_counts",
        _id("entity"),
        _id("key"),
        _id("measure"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        _id("program_id"),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "key", "measure", "until", name=op.f("pk_velocity_last_counts")),
    )
    for name in _TABLES:
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        # As with the events: customers see none of it, only decisions and the worker look at it.
        op.execute(f"CREATE POLICY cardwright_staff ON {name} TO cardwright_staff USING ({_PROGRAM})")
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON {name} FROM cardwright_customer, cardwright_staff")
    for name, event, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("never_emptied", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON velocity_totals"
            f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
