"""Messages that are due: handed out from their own table, many at a time, instead of a job for each."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_notifications_sendable", "notifications", ["channel", "due_at"],
        postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
    )  # fmt: skip
    op.create_index(
        "ix_notifications_admitted", "notifications", ["user_id", "admitted_at"],
        postgresql_where=sa.text("admitted_at IS NOT NULL"),
    )  # fmt: skip
    # What waits for a job is due now. What is unknown from before was never to be sent again.
    op.execute("UPDATE notifications SET due_at = created_at WHERE state IN ('queued', 'sending')")
    op.execute("DELETE FROM outbox WHERE type = 'notifications.queued'")
    # The queue's table is its own, and not there before a worker has run.
    op.execute("""
        DO $$ BEGIN
            IF to_regclass('pgqueuer') IS NOT NULL THEN
                DELETE FROM pgqueuer
                WHERE position('"notifications.send"' IN convert_from(payload, 'UTF8')) > 0;
            END IF;
        END $$
    """)


def downgrade() -> None:
    op.drop_index("ix_notifications_admitted", table_name="notifications")
    op.drop_index("ix_notifications_sendable", table_name="notifications")
    op.execute("UPDATE notifications SET due_at = NULL WHERE state IN ('queued', 'sending')")
