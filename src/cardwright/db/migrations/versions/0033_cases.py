"""Fraud cases with their history and notes, and what payments turned out to be."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = ("cases", "case_activities", "case_notes", "payment_labels")
_OWN_PAYMENT: Final = (
    "EXISTS (SELECT FROM payments WHERE payments.id = cases.payment_id"
    " AND payments.user_id = cases.user_id AND payments.card_id = cases.card_id)"
)
_OWN_CASE: Final = "EXISTS (SELECT FROM cases WHERE cases.id = case_activities.case_id)"
_SAID_BY_HOLDER: Final = (
    "EXISTS (SELECT FROM payments WHERE payments.id = payment_labels.payment_id)"
    " AND source = 'holder' AND labelled_by = user_id"
)
_POLICIES: Final = (
    f"seen ON cases FOR SELECT TO cardwright_customer USING ({_OWN})",
    # A holder reports their own payments, and answers; they find nothing but that it was theirs.
    (
        f"reported ON cases FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_OWN_PAYMENT}"
        " AND source = 'holder' AND state = 'open' AND rules = '{}')"
    ),
    (
        f"answered ON cases FOR UPDATE TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN}"
        " AND answer IS NOT NULL AND (finding IS NULL OR (finding = 'genuine' AND resolved_by = user_id)))"
    ),
    (
        f"made ON case_activities FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_OWN_CASE}"
        " AND actor_id = user_id AND kind IN ('opened', 'answered', 'reported'))"
    ),
    f"seen ON payment_labels FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"said ON payment_labels FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_SAID_BY_HOLDER})",
    *(f"cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})" for table in _TABLES),
)
_HEARD: Final = (
    "state, priority, due_at, version, assignee_id, overdue_at, finding, resolved_at, resolved_by, answer,"
    " answered_at"
)
_WORKED: Final = f"{_HEARD}, rules, decisions, score, asked_at, answer_by"


def upgrade() -> None:
    _create_cases()
    _create_history()
    _create_labels()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for policy in _POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    for role, changed in (("cardwright_customer", _HEARD), ("cardwright_staff", _WORKED)):
        op.execute(f"REVOKE UPDATE, DELETE ON {', '.join(_TABLES)} FROM {role}")
        op.execute(f"GRANT UPDATE ({changed}) ON cases TO {role}")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.execute(f"DROP TABLE {table} CASCADE")


def _create_cases() -> None:
    op.create_table(
        "cases",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("payment_id"),
        _reference("card_id"),
        _reference("merchant_id"),
        _text("merchant_name"),
        _text("last4", nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("currency"),
        _text("source"),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("decisions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        _text("state"),
        _text("priority"),
        _instant("opened_at"),
        _instant("due_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("assignee_id", nullable=True),
        _instant("overdue_at", nullable=True),
        _text("finding", nullable=True),
        _instant("resolved_at", nullable=True),
        _reference("resolved_by", nullable=True),
        _instant("asked_at", nullable=True),
        _instant("answer_by", nullable=True),
        _text("answer", nullable=True),
        _instant("answered_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_cases_payment_id")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_cases_amount")),
        sa.CheckConstraint("source IN ('rules', 'holder', 'staff')", name=op.f("ck_cases_source")),
        sa.CheckConstraint("priority IN ('high', 'normal', 'low')", name=op.f("ck_cases_priority")),
        sa.CheckConstraint("finding IN ('fraud', 'genuine', 'unclear')", name=op.f("ck_cases_finding")),
        sa.CheckConstraint("answer IN ('yes', 'no')", name=op.f("ck_cases_answer")),
        sa.CheckConstraint(
            "CASE state WHEN 'open' THEN assignee_id IS NULL AND finding IS NULL"
            " WHEN 'in_review' THEN assignee_id IS NOT NULL AND finding IS NULL"
            " WHEN 'resolved' THEN finding IS NOT NULL AND resolved_at IS NOT NULL"
            " AND resolved_by IS NOT NULL ELSE false END",
            name=op.f("ck_cases_state"),
        ),
    )
    unresolved = "state <> 'resolved'"
    queue = ["program_id", "due_at", "id"]
    op.create_index("ix_cases_queue", "cases", queue, postgresql_where=sa.text(unresolved))
    op.create_index("ix_cases_program_id_due_at", "cases", queue)
    op.create_index(
        "ix_cases_becoming_overdue", "cases", ["due_at"],
        postgresql_where=sa.text(f"{unresolved} AND overdue_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_cases_user_id_id", "cases", ["user_id", "id"])
    op.create_index("ix_cases_program_id_merchant_id", "cases", ["program_id", "merchant_id", "id"])
    op.create_index("ix_cases_rules", "cases", ["rules"], postgresql_using="gin")


def _create_history() -> None:
    op.create_table(
        "case_activities",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("case_id"),
        _text("kind"),
        _reference("actor_id"),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        _instant("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_activities")),
    )
    op.create_index("ix_case_activities_case_id_id", "case_activities", ["case_id", "id"])
    op.create_table(
        "case_notes",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("case_id"),
        _reference("author_id"),
        _text("words"),
        _instant("written_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    op.create_index("ix_case_notes_case_id_id", "case_notes", ["case_id", "id"])


def _create_labels() -> None:
    op.create_table(
        "payment_labels",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("payment_id"),
        _text("label"),
        _text("source"),
        _reference("labelled_by"),
        _instant("labelled_at"),
        _text("occasion"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_labels")),
        sa.UniqueConstraint("payment_id", "occasion", name=op.f("uq_payment_labels_payment_id_occasion")),
        sa.CheckConstraint("label IN ('fraud', 'genuine', 'unclear')", name=op.f("ck_payment_labels_label")),
        sa.CheckConstraint("source IN ('case', 'holder', 'dispute')", name=op.f("ck_payment_labels_source")),
    )
    op.create_index(
        "ix_payment_labels_newest", "payment_labels", ["program_id", "payment_id", "labelled_at", "id"]
    )
    op.create_index("ix_payment_labels_user_id", "payment_labels", ["user_id"])


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
