"""3-D Secure challenges and who may answer for a card, held to it by row-level security."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ME: Final = "current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
# An array that is made once: the index of cards can be used with it.
_ACCEPTED: Final = (
    "challenges.card_id = ANY (ARRAY (SELECT card_approvers.card_id FROM card_approvers"  # noqa: S608 - ours
    f" WHERE card_approvers.approver_id = {_ME} AND card_approvers.state = 'accepted'))"
)
_MAY_ANSWER: Final = f"challenges.user_id = {_ME} OR {_ACCEPTED}"
_DECIDING: Final = "state, decision, decided_by, decided_at, is_fraud_reported, answer, answer_key"
_POLICIES: Final = (
    # An approver sees the purchase and decides it; neither they nor the holder can make one up or change it.
    f"seen ON challenges FOR SELECT TO cardwright_customer USING ({_MAY_ANSWER})",
    f"decided ON challenges FOR UPDATE TO cardwright_customer USING ({_MAY_ANSWER})",
    f"cardwright_staff ON challenges FOR SELECT TO cardwright_staff USING ({_PROGRAM})",
    f"seen ON card_approvers FOR SELECT TO cardwright_customer USING (user_id = {_ME} OR approver_id = {_ME})",
    # A holder invites for cards of their own, and names nobody: who an address belongs to finds the worker.
    (
        "invited ON card_approvers FOR INSERT TO cardwright_customer WITH CHECK"
        f" (user_id = {_ME} AND approver_id IS NULL AND state = 'invited' AND EXISTS (SELECT FROM cards"
        f" WHERE cards.id = card_approvers.card_id AND cards.user_id = {_ME}))"
    ),
    (
        f"removed ON card_approvers FOR UPDATE TO cardwright_customer USING (user_id = {_ME})"
        f" WITH CHECK (user_id = {_ME} AND state = 'removed')"
    ),
    # Only the invited accept; what was removed stays removed.
    (
        "answered ON card_approvers FOR UPDATE TO cardwright_customer"
        f" USING (approver_id = {_ME} AND state IN ('invited', 'accepted'))"
        f" WITH CHECK (approver_id = {_ME} AND state IN ('accepted', 'declined', 'removed'))"
    ),
    f"cardwright_staff ON card_approvers FOR SELECT TO cardwright_staff USING ({_PROGRAM})",
)
_CARD_STATE: Final = f"""
CREATE FUNCTION challenged_card_state(challenge text) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cards.state FROM challenges JOIN cards ON cards.id = challenges.card_id
    WHERE challenges.id = challenge AND ({_MAY_ANSWER}) FOR SHARE OF cards
$$
"""  # noqa: S608 - the condition is ours
"""Who answers has to know whether the card may pay; that is all an approver learns of it."""


def upgrade() -> None:
    _create_challenges()
    _create_approvers()
    for table in ("challenges", "card_approvers"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for policy in _POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    for table, columns in (("challenges", _DECIDING), ("card_approvers", "state, ended_at")):
        op.execute(f"REVOKE UPDATE ON {table} FROM cardwright_customer")
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO cardwright_customer")
    op.execute(_CARD_STATE)


def downgrade() -> None:
    op.execute("DROP FUNCTION challenged_card_state")
    op.drop_table("challenges")
    op.drop_table("card_approvers")


def _create_challenges() -> None:
    op.create_table(
        "challenges",
        _reference("id"),
        _reference("program_id"),
        _reference("card_id"),
        _reference("user_id"),
        _text("source"),
        _text("reference"),
        _text("card_label"),
        _text("card_last4", nullable=True),
        _text("merchant_name"),
        _text("merchant_mcc"),
        _text("merchant_country", nullable=True),
        _text("merchant_id"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("currency"),
        _text("state"),
        _instant("created_at"),
        _instant("expires_at"),
        _text("decision", nullable=True),
        _reference("decided_by", nullable=True),
        _instant("decided_at", nullable=True),
        sa.Column("is_fraud_reported", sa.Boolean(), nullable=False),
        _text("answer"),
        _reference("answer_key", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sa.UniqueConstraint("source", "reference", name=op.f("uq_challenges_source_reference")),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'refused', 'expired', 'canceled')",
            name=op.f("ck_challenges_state"),
        ),
        sa.CheckConstraint("decision IN ('approved', 'refused')", name=op.f("ck_challenges_decision")),
        sa.CheckConstraint(
            "answer IN ('none', 'waiting', 'delivered', 'too_late')", name=op.f("ck_challenges_answer")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_challenges_amount")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)"
            " AND (decision IS NULL) = (answer_key IS NULL) AND (decision IS NULL) = (answer = 'none')",
            name=op.f("ck_challenges_decided"),
        ),
        sa.CheckConstraint(
            "CASE WHEN state IN ('approved', 'refused')"
            " THEN decision = state AND answer IN ('waiting', 'delivered')"
            " WHEN state = 'pending' THEN decision IS NULL ELSE answer IN ('none', 'too_late') END",
            name=op.f("ck_challenges_agrees"),
        ),
    )
    for owner in ("card_id", "user_id", "program_id"):
        op.create_index(f"ix_challenges_{owner}", "challenges", [owner, "id"])
    op.create_index(
        "ix_challenges_pending", "challenges", ["expires_at"], postgresql_where=sa.text("state = 'pending'")
    )


def _create_approvers() -> None:
    op.create_table(
        "card_approvers",
        _reference("id"),
        _reference("program_id"),
        _reference("card_id"),
        _reference("user_id"),
        _reference("approver_id", nullable=True),
        _text("email"),
        _text("card_label"),
        _text("card_last4", nullable=True),
        _text("state"),
        _instant("invited_at"),
        _instant("expires_at"),
        _instant("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_approvers")),
        sa.CheckConstraint(
            "state IN ('invited', 'accepted', 'declined', 'removed')", name=op.f("ck_card_approvers_state")
        ),
        sa.CheckConstraint("approver_id <> user_id", name=op.f("ck_card_approvers_another")),
        sa.CheckConstraint(
            "state IN ('invited', 'removed') OR approver_id IS NOT NULL",
            name=op.f("ck_card_approvers_somebody"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (state IN ('declined', 'removed'))",
            name=op.f("ck_card_approvers_ended"),
        ),
    )
    op.create_index(op.f("ix_card_approvers_user_id_card_id"), "card_approvers", ["user_id", "card_id"])
    op.create_index(op.f("ix_card_approvers_approver_id"), "card_approvers", ["approver_id"])
    op.create_index(
        "uq_card_approvers_living",
        "card_approvers",
        ["card_id", "approver_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('invited', 'accepted')"),
    )


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
