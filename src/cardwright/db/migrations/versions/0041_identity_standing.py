"""Verifications that staff decides, that end, and that hold until they are renewed; screening in one question."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_TABLE: Final = "identity_verifications"
_OPEN: Final = "uq_identity_verifications_open"
_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_STATES: Final = (
    "state IN ('requested', 'collecting', 'submitted', 'in_review', 'canceled', 'expired', 'rejected',"
    " 'approved')"
)
_UNTIL: Final = (
    "CASE state WHEN 'approved' THEN good_until IS NOT NULL AND renew_from IS NOT NULL"
    " ELSE good_until IS NULL AND renew_from IS NULL END"
)
_TOLD: Final = "told IN ('due', 'over') AND hold_told IN ('open', 'confirmed')"
# Of their own verifications people see all, ask for one, and hand in what waits for their documents.
_POLICIES: Final = (
    f"seen ON {_TABLE} FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"asked ON {_TABLE} FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND state = 'requested')",
    (
        f"handed_in ON {_TABLE} FOR UPDATE TO cardwright_customer USING ({_OWN} AND state = 'collecting')"
        f" WITH CHECK ({_OWN} AND state = 'submitted')"
    ),
)
_SCREENING_STANDING: Final = """
CREATE FUNCTION screening_standing(of_user text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN current_setting('role', true) = 'cardwright_customer'
            AND of_user IS DISTINCT FROM current_setting('cardwright.user_id', true) THEN 'unscreened'
        WHEN EXISTS (SELECT FROM screening_hits WHERE user_id = of_user AND state = 'confirmed') THEN 'confirmed'
        WHEN EXISTS (SELECT FROM screening_hits WHERE user_id = of_user AND state = 'open') THEN 'open'
        WHEN EXISTS (SELECT FROM screenings WHERE user_id = of_user) THEN 'clear'
        WHEN EXISTS (
            SELECT FROM identities JOIN screening_lists USING (program_id)
            WHERE identities.user_id = of_user AND screening_lists.is_active
        ) THEN 'unscreened'
        ELSE 'clear' END
$$
"""
"""What a person may do depends on hits that no customer sees: of their own only this one word leaves the room."""


def upgrade() -> None:
    _add_columns()
    op.execute(
        f"UPDATE {_TABLE} SET state_since = updated_at,"  # noqa: S608 - all ours
        " state = CASE state WHEN 'processing' THEN 'submitted' ELSE state END,"
        " answer = CASE WHEN state IN ('approved', 'rejected') THEN state END,"
        " answer_reason = CASE state WHEN 'rejected' THEN reason END,"
        " good_until = CASE state WHEN 'approved' THEN updated_at + interval '730 days' END,"
        " renew_from = CASE state WHEN 'approved' THEN updated_at + interval '700 days' END"
    )
    op.alter_column(_TABLE, "state_since", nullable=False)
    for name, condition in {
        "state": _STATES, "approved_until": _UNTIL, "told": _TOLD,
        "good_for_days": "good_for_days >= 1",
    }.items():  # fmt: skip
        op.create_check_constraint(op.f(f"ck_{_TABLE}_{name}"), _TABLE, condition)
    _index_open("'requested', 'collecting', 'submitted', 'in_review'")
    op.create_index(
        "ix_identity_verifications_collecting", _TABLE, ["state_since"],
        postgresql_where=sa.text("state = 'collecting'"),
    )  # fmt: skip
    op.create_index(
        "ix_identity_verifications_renew_from", _TABLE, ["renew_from"],
        postgresql_where=sa.text("state = 'approved' AND told IS DISTINCT FROM 'over'"),
    )  # fmt: skip
    op.execute(f"DROP POLICY cardwright_customer ON {_TABLE}")
    for policy in _POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    op.execute(f"REVOKE UPDATE, DELETE ON {_TABLE} FROM cardwright_customer")
    op.execute(f"GRANT UPDATE (state, state_since, updated_at) ON {_TABLE} TO cardwright_customer")
    op.execute(_SCREENING_STANDING)


def downgrade() -> None:
    op.execute("DROP FUNCTION screening_standing")
    op.execute(f"REVOKE UPDATE (state, state_since, updated_at) ON {_TABLE} FROM cardwright_customer")
    op.execute(f"GRANT UPDATE, DELETE ON {_TABLE} TO cardwright_customer")
    for name in ("seen", "asked", "handed_in"):
        op.execute(f"DROP POLICY {name} ON {_TABLE}")
    op.execute(f"CREATE POLICY cardwright_customer ON {_TABLE} TO cardwright_customer USING ({_OWN})")
    for name in ("good_for_days", "told", "approved_until", "state"):
        op.drop_constraint(op.f(f"ck_{_TABLE}_{name}"), _TABLE)
    op.drop_index("ix_identity_verifications_renew_from", _TABLE)
    op.drop_index("ix_identity_verifications_collecting", _TABLE)
    op.drop_index(_OPEN, _TABLE)
    op.execute(
        f"UPDATE {_TABLE} SET state = CASE"  # noqa: S608 - all ours
        " WHEN state IN ('submitted', 'in_review') THEN 'processing' WHEN state = 'expired' THEN 'canceled'"
        " ELSE state END"
    )
    _index_open("'requested', 'collecting', 'processing'", is_anew=False)
    for name in (
        "told", "hold_told", "renew_from", "good_until", "good_for_days", "sent_back_at", "decided_by", "contradicted_by",
        "answer_reason", "answer", "state_since",
    ):  # fmt: skip
        op.drop_column(_TABLE, name)


def _add_columns() -> None:
    for name in ("answer", "answer_reason", "contradicted_by", "told", "hold_told"):
        op.add_column(_TABLE, sa.Column(name, sa.Text()))
    op.add_column(_TABLE, sa.Column("decided_by", sa.Text(collation="C")))
    for name in ("state_since", "sent_back_at", "good_until", "renew_from"):
        op.add_column(_TABLE, sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column(_TABLE, sa.Column("good_for_days", sa.Integer(), server_default="730", nullable=False))


def _index_open(states: str, *, is_anew: bool = True) -> None:
    if is_anew:
        op.drop_index(_OPEN, _TABLE)
    op.create_index(_OPEN, _TABLE, ["user_id"], unique=True, postgresql_where=sa.text(f"state IN ({states})"))
