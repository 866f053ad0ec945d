"""Approvals: what one proposes and another decides, and guards on everything that needs it."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CUSTOMER: Final = "proposed_by = current_setting('cardwright.user_id', true)"
_STAFF: Final = "program_id = current_setting('cardwright.program_id', true)"
_APPLYING: Final = ("user_roles", "rulebooks", "journal_entries")
_GUARDS: Final = (
    ("user_roles", ("four_eyes", "four_eyes_to_revoke", "append_only", "never_emptied")),
    ("rulebooks", ("four_eyes",)),
    ("active_rulebooks", ("newest", "append_only", "never_emptied")),
    ("journal_entries", ("four_eyes", "as_approved")),
    ("postings", ("as_approved",)),
)
_FUNCTIONS: Final = (
    "check_manual_postings, check_manual_entry, check_active, check_publication, check_revocation, check_grant,"
    " use_approval, refuse_other_steps, add_step, check_applied, check_approval, is_staff_of, are_in_conflict,"
    " is_operator"
)


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(collation="C"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(collation="C"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decided_by <> proposed_by AND decided_by <> subject_id", name=op.f("ck_approvals_four_eyes")
        ),
        sa.CheckConstraint(
            "(decided_by IS NOT NULL) = (state IN ('approved', 'applied', 'rejected'))"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_approvals_decided"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'applied', 'rejected', 'withdrawn', 'expired')",
            name=op.f("ck_approvals_state"),
        ),
        sa.CheckConstraint(
            "payload_digest = encode(sha256(convert_to(payload, 'UTF8')), 'hex')",
            name=op.f("ck_approvals_digest"),
        ),
        sa.CheckConstraint("payload IS JSON OBJECT", name=op.f("ck_approvals_payload")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 500", name=op.f("ck_approvals_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_program_id_id"), "approvals", ["program_id", "id"])
    op.create_index(
        "ix_approvals_open", "approvals", ["expires_at"], postgresql_where=sa.text("state = 'proposed'")
    )
    op.create_table(
        "approval_steps",
        sa.Column("approval_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("approval_id", "sequence", name=op.f("pk_approval_steps")),
    )
    for table in _APPLYING:
        op.add_column(table, sa.Column("approval_id", sa.Text(collation="C"), nullable=True))
    for statement in (Path(__file__).parent.parent / "approval_guards.sql").read_text().split(";\n\n"):
        op.execute(statement)
    _confine("approvals", _CUSTOMER, _STAFF)
    # The subquery sees only what the policy of its parent shows.
    of_its_approval = "EXISTS (SELECT FROM approvals WHERE approvals.id = approval_steps.approval_id)"
    _confine("approval_steps", of_its_approval, of_its_approval)


def _confine(table: str, own: str, program: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for role, condition in (("cardwright_customer", own), ("cardwright_staff", program)):
        op.execute(f"CREATE POLICY {role} ON {table} TO {role} USING ({condition})")


def downgrade() -> None:
    for table, triggers in _GUARDS:
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for table in _APPLYING:
        op.drop_column(table, "approval_id")
    op.drop_table("approval_steps")
    for trigger in ("four_eyes", "history", "applied"):
        op.execute(f"DROP TRIGGER {trigger} ON approvals")
    op.execute(f"DROP FUNCTION {_FUNCTIONS}")
    op.drop_table("approvals")
