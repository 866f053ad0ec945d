"""Inboxes: the order of what a person was told in the app, and what of it was read."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_UNREAD: Final = "channel = 'in_app' AND read_at IS NULL"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("inbox_position", sa.BigInteger(), nullable=True))
    op.add_column("notifications", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "inboxes",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_inboxes")),
    )
    # What people were told before anything could be marked counts as read: no badge shows hundreds.
    op.execute(
        "UPDATE notifications SET inbox_position = numbered.position, read_at = created_at FROM ("
        " SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS position"
        " FROM notifications WHERE channel = 'in_app') AS numbered WHERE numbered.id = notifications.id"
    )
    op.execute(
        "INSERT INTO inboxes SELECT user_id, min(program_id), max(inbox_position), 0 FROM notifications"
        " WHERE channel = 'in_app' GROUP BY user_id"
    )
    op.create_check_constraint(
        op.f("ck_notifications_inbox"),
        "notifications",
        "(channel = 'in_app') = (inbox_position IS NOT NULL)"
        " AND (read_at IS NULL OR inbox_position IS NOT NULL)",
    )
    op.create_index(
        "uq_notifications_inbox_position", "notifications", ["user_id", "inbox_position"], unique=True,
        postgresql_where=sa.text("inbox_position IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id"], postgresql_where=sa.text(_UNREAD)
    )
    op.execute("ALTER TABLE inboxes ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own ON inboxes TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY cardwright_staff ON inboxes TO cardwright_staff USING ({_PROGRAM})")
    op.execute("REVOKE ALL ON inboxes FROM cardwright_customer, cardwright_staff")
    # Where the next message comes is the worker's to say; a request only tells that something was read.
    op.execute("GRANT SELECT, UPDATE (changes) ON inboxes TO cardwright_customer")
    op.execute("GRANT SELECT ON inboxes TO cardwright_staff")


def downgrade() -> None:
    op.drop_table("inboxes")
    op.drop_index("ix_notifications_unread", table_name="notifications")
    op.drop_index("uq_notifications_inbox_position", table_name="notifications")
    op.drop_constraint(op.f("ck_notifications_inbox"), "notifications", type_="check")
    op.drop_column("notifications", "read_at")
    op.drop_column("notifications", "inbox_position")
