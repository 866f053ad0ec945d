"""Reviews of identities with their history and notes, and how long there is to decide.

People see nothing of their reviews. Nobody turns around alone what was decided about an identity.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = (
    "identity_reviews", "identity_review_activities", "identity_review_notes", "identity_review_terms",
)  # fmt: skip
_CAUSES: Final = "'vendor_review', 'manual', 'screening', 'contradiction', 'reverification', 'staff'"
_CHANGED: Final = (
    "verification_id, causes, state, due_at, version, assignee_id, overdue_at, override_id, outcome, reason,"
    " resolved_at, resolved_by"
)
# What stood: the decision or, before there is one, the vendor's answer. Staff turns it around with two people;
# to reject whom a confirmed hit names turns nothing around, as no vendor was asked about that. A vendor may
# still approve what it rejected itself.
_CHECK_OVERRIDE: Final = """
CREATE FUNCTION check_identity_override() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  is_staff boolean := current_user = 'cardwright_staff';
  stood text := CASE WHEN OLD.state IN ('approved', 'rejected') THEN OLD.state ELSE OLD.answer END;
  used text;
BEGIN
  IF is_staff AND (NEW.answer, NEW.answer_reason, NEW.user_id, NEW.program_id)
     IS DISTINCT FROM (OLD.answer, OLD.answer_reason, OLD.user_id, OLD.program_id) THEN
    RAISE EXCEPTION 'what a vendor answered is not for staff to change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = OLD.state OR stood IS NULL OR NEW.state = stood THEN RETURN NULL; END IF;
  IF NEW.state NOT IN ('approved', 'rejected') AND OLD.state NOT IN ('approved', 'rejected') THEN RETURN NULL; END IF;
  IF OLD.state NOT IN ('approved', 'rejected') AND NEW.state = 'rejected'
     AND EXISTS (SELECT FROM screening_hits WHERE user_id = OLD.user_id AND state = 'confirmed') THEN
    RETURN NULL;
  END IF;
  IF OLD.state <> 'approved' AND NOT is_staff AND OLD.decided_by IS NULL AND NEW.decided_by IS NULL
     AND NEW.answer = 'approved' THEN
    RETURN NULL;
  END IF;
  SELECT id INTO used FROM approvals
   WHERE kind = 'identity.override' AND subject_id = OLD.user_id AND state = 'approved'
     AND payload::jsonb ->> 'verification_id' = OLD.id
     AND payload::jsonb ->> 'from' = stood AND payload::jsonb ->> 'to' = NEW.state LIMIT 1;
  PERFORM use_approval(used, 'identity.override', OLD.program_id, OLD.user_id);
  RETURN NULL;
END $$
"""
_GUARD: Final = (
    "CREATE TRIGGER four_eyes AFTER UPDATE ON identity_verifications FOR EACH ROW"
    " EXECUTE FUNCTION check_identity_override()"
)


def upgrade() -> None:
    _create_reviews()
    _create_history()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
        # People see none of it: nobody is told that they are looked for.
        op.execute(f"REVOKE ALL ON {table} FROM cardwright_customer")
        op.execute(f"GRANT SELECT ON {table} TO cardwright_customer")
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM cardwright_staff")
    op.execute(f"GRANT UPDATE ({_CHANGED}) ON identity_reviews TO cardwright_staff")
    op.execute("GRANT UPDATE (hours) ON identity_review_terms TO cardwright_staff")
    op.execute(_CHECK_OVERRIDE)
    op.execute(_GUARD)


def downgrade() -> None:
    op.execute("DROP TRIGGER four_eyes ON identity_verifications")
    op.execute("DROP FUNCTION check_identity_override()")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_reviews() -> None:
    op.create_table(
        "identity_reviews",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("verification_id", nullable=True),
        sa.Column("causes", postgresql.ARRAY(sa.Text()), nullable=False),
        _text("state"),
        _instant("opened_at"),
        _instant("due_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("assignee_id", nullable=True),
        _instant("overdue_at", nullable=True),
        _reference("override_id", nullable=True),
        _text("outcome", nullable=True),
        _text("reason", nullable=True),
        _instant("resolved_at", nullable=True),
        _reference("resolved_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_reviews")),
        sa.CheckConstraint(
            f"cardinality(causes) > 0 AND causes <@ ARRAY[{_CAUSES}]", name=op.f("ck_identity_reviews_causes")
        ),
        sa.CheckConstraint(
            "assignee_id <> user_id AND resolved_by <> user_id",
            name=op.f("ck_identity_reviews_not_by_oneself"),
        ),
        sa.CheckConstraint(
            "outcome IN ('approved', 'rejected', 'settled')", name=op.f("ck_identity_reviews_outcome")
        ),
        sa.CheckConstraint(
            "(reason IS NOT NULL) = coalesce(outcome = 'rejected', false)",
            name=op.f("ck_identity_reviews_reason"),
        ),
        sa.CheckConstraint(
            "CASE state WHEN 'open' THEN assignee_id IS NULL AND outcome IS NULL"
            " WHEN 'in_review' THEN assignee_id IS NOT NULL AND outcome IS NULL"
            " WHEN 'waiting' THEN outcome IS NULL"
            " WHEN 'resolved' THEN outcome IS NOT NULL AND resolved_at IS NOT NULL"
            " AND resolved_by IS NOT NULL ELSE false END",
            name=op.f("ck_identity_reviews_state"),
        ),
    )
    unresolved, queue = sa.text("state <> 'resolved'"), ["program_id", "due_at", "id"]
    op.create_index(
        "uq_identity_reviews_unresolved", "identity_reviews", ["user_id"], unique=True,
        postgresql_where=unresolved,
    )  # fmt: skip
    op.create_index("ix_identity_reviews_queue", "identity_reviews", queue, postgresql_where=unresolved)
    op.create_index("ix_identity_reviews_program_id_due_at", "identity_reviews", queue)
    op.create_index(
        "ix_identity_reviews_becoming_overdue", "identity_reviews", ["due_at"],
        postgresql_where=sa.text("state IN ('open', 'in_review') AND overdue_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_identity_reviews_user_id_id", "identity_reviews", ["user_id", "id"])
    op.create_index(
        "ix_identity_reviews_verification_id", "identity_reviews", ["verification_id"],
        postgresql_where=unresolved,
    )  # fmt: skip
    op.create_table(
        "identity_review_terms",
        _reference("program_id"),
        _text("cause"),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "cause", name=op.f("pk_identity_review_terms")),
        sa.CheckConstraint(f"cause IN ({_CAUSES})", name=op.f("ck_identity_review_terms_cause")),
        sa.CheckConstraint("hours BETWEEN 1 AND 8760", name=op.f("ck_identity_review_terms_hours")),
    )


def _create_history() -> None:
    for table, columns in {
        "identity_review_activities": (
            _text("kind"),
            _reference("actor_id"),
            sa.Column("details", postgresql.JSONB(), nullable=False),
            _instant("at"),
        ),
        "identity_review_notes": (_reference("author_id"), _text("words"), _instant("written_at")),
    }.items():
        op.create_table(
            table,
            _reference("id"),
            _reference("program_id"),
            _reference("user_id"),
            _reference("review_id"),
            *columns,
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_review_id_id", table, ["review_id", "id"])


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
