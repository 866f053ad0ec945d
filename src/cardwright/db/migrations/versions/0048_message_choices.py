"""What people chose to be told and how, what waits, and addresses that get nothing more."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0046"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_OLD_STATES: Final = "'queued', 'sending', 'unknown', 'sent', 'failed', 'undeliverable', 'delivered'"
_STATES: Final = f"'held', 'bundled', 'withheld', {_OLD_STATES}"
_COLUMNS: Final = (
    "due_at", "held_for", "bundle_id", "provider", "admitted_at", "address_digest", "resend_of",
)  # fmt: skip
_INDEXES: Final = {
    "due_at": "state = 'held'",
    "bundle_id": "bundle_id IS NOT NULL",
    "address_digest": "address_digest IS NOT NULL",
}


def upgrade() -> None:
    _widen_notifications()
    _create_preferences()
    _create_suppressions()
    _create_spending()


def downgrade() -> None:
    for table in ("sms_spending", "address_suppressions", "notification_preferences"):
        op.drop_table(table)
    op.drop_index("ix_notifications_failed", table_name="notifications")
    for column in _INDEXES:
        op.drop_index(f"ix_notifications_{column}", table_name="notifications")
    op.drop_constraint(op.f("ck_notifications_held"), "notifications", type_="check")
    op.drop_constraint(op.f("ck_notifications_state"), "notifications", type_="check")
    # Nothing would ever send what is held, and its event is in the list in the app in any case.
    op.execute(
        "UPDATE notifications SET state = CASE state WHEN 'bundled' THEN 'sent' ELSE 'undeliverable' END,"
        " error_code = CASE state WHEN 'held' THEN 'held' ELSE error_code END"
        " WHERE state IN ('held', 'bundled', 'withheld')"
    )
    op.create_check_constraint(op.f("ck_notifications_state"), "notifications", f"state IN ({_OLD_STATES})")
    for column in _COLUMNS:
        op.drop_column("notifications", column)


def _widen_notifications() -> None:
    for added in (
        _instant("due_at", nullable=True),
        _text("held_for", nullable=True),
        _reference("bundle_id", nullable=True),
        _text("provider", nullable=True),
        _instant("admitted_at", nullable=True),
        _text("address_digest", nullable=True),
        _reference("resend_of", nullable=True),
    ):
        op.add_column("notifications", added)
    op.drop_constraint(op.f("ck_notifications_state"), "notifications", type_="check")
    op.create_check_constraint(op.f("ck_notifications_state"), "notifications", f"state IN ({_STATES})")
    op.create_check_constraint(
        op.f("ck_notifications_held"),
        "notifications",
        "(state <> 'held' OR due_at IS NOT NULL AND held_for IN ('quiet_hours', 'digest'))"
        " AND (state = 'bundled') = (bundle_id IS NOT NULL)",
    )
    for name, condition in _INDEXES.items():
        op.create_index(
            f"ix_notifications_{name}", "notifications", [name], postgresql_where=sa.text(condition)
        )
    op.create_index(
        "ix_notifications_failed",
        "notifications",
        ["program_id", "created_at"],
        postgresql_where=sa.text("state IN ('failed', 'undeliverable', 'unknown', 'withheld')"),
    )


def _create_preferences() -> None:
    op.create_table(
        "notification_preferences",
        _reference("user_id"),
        _reference("program_id"),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("quiet_start", sa.Time(), nullable=True),
        sa.Column("quiet_end", sa.Time(), nullable=True),
        _text("digest_cadence", nullable=True),
        sa.Column("digest_hour", sa.Integer(), nullable=True),
        sa.Column("digest_weekday", sa.Integer(), nullable=True),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_preferences")),
        sa.CheckConstraint(
            "(quiet_start IS NULL) = (quiet_end IS NULL) AND quiet_start <> quiet_end",
            name=op.f("ck_notification_preferences_quiet_hours"),
        ),
        sa.CheckConstraint(
            "CASE WHEN digest_cadence IS NULL THEN digest_hour IS NULL AND digest_weekday IS NULL"
            " ELSE digest_cadence IN ('daily', 'weekly') AND digest_hour BETWEEN 0 AND 23"
            " AND digest_weekday BETWEEN 0 AND 6 END",
            name=op.f("ck_notification_preferences_digest"),
        ),
    )
    _wall("notification_preferences")
    # Nobody but the person chooses.
    op.execute("REVOKE INSERT, UPDATE, DELETE ON notification_preferences FROM cardwright_staff")


def _create_suppressions() -> None:
    op.create_table(
        "address_suppressions",
        _reference("user_id"),
        _text("channel"),
        _text("address_digest"),
        _reference("program_id"),
        _text("reason"),
        _text("error_code", nullable=True),
        _instant("suppressed_at"),
        sa.PrimaryKeyConstraint("user_id", "channel", "address_digest", name=op.f("pk_address_suppressions")),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_address_suppressions_channel")),
        sa.CheckConstraint(
            "reason IN ('hard_bounce', 'complaint', 'opted_out')",
            name=op.f("ck_address_suppressions_reason"),
        ),
    )
    _wall("address_suppressions")
    # An address is suppressed by what providers report, and freed by who reads there: both without a session.
    op.execute(
        "REVOKE INSERT, UPDATE, DELETE ON address_suppressions FROM cardwright_customer, cardwright_staff"
    )


def _create_spending() -> None:
    op.create_table(
        "sms_spending",
        _reference("program_id"),
        _text("period"),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "period", name=op.f("pk_sms_spending")),
        sa.CheckConstraint("micros >= 0", name=op.f("ck_sms_spending_micros")),
    )
    op.execute("ALTER TABLE sms_spending ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY cardwright_staff ON sms_spending TO cardwright_staff USING ({_PROGRAM})")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON sms_spending FROM cardwright_customer, cardwright_staff")


def _wall(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own ON {table} TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
