"""Holders change no case: what they say is written by a role that hears only what they were asked.

And nobody drops a guardrail alone, or rewrites one.
"""

from typing import Final

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_HEARING: Final = "cardwright_hearing"
_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
# Work in the background is confined to nobody, and may hear a holder who is not signed in.
_OF_WHOM_IT_IS: Final = "coalesce(current_setting('cardwright.user_id', true), '') IN ('', user_id)"
_OWN_PAYMENT: Final = (
    "EXISTS (SELECT FROM payments WHERE payments.id = cases.payment_id"
    " AND payments.user_id = cases.user_id AND payments.card_id = cases.card_id)"
)
_REPORTED: Final = (
    f"reported ON cases FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_OWN_PAYMENT}"
    " AND source = 'holder' AND state = 'open' AND rules = '{}'"
)
_NEVER_ASKED: Final = (
    "asked_at IS NULL AND answer_by IS NULL AND answer IS NULL AND answered_at IS NULL AND finding IS NULL"
)
# No asks staff to look. Yes is an answer: there was a question, and time left for it.
_IN_TIME: Final = (
    "finding = 'genuine' AND resolved_by = user_id AND asked_at IS NOT NULL AND answer_by IS NOT NULL"
    " AND answered_at >= asked_at AND answered_at < answer_by"
)
_HEARD: Final = (
    f"heard ON cases FOR UPDATE TO {_HEARING} USING ({_OF_WHOM_IT_IS}) WITH CHECK ({_OF_WHOM_IT_IS}"
    f" AND CASE answer WHEN 'no' THEN finding IS NULL WHEN 'yes' THEN {_IN_TIME} ELSE false END)"
)
# A label repeats what the case heard, no more and no later.
_AS_HEARD: Final = (
    "EXISTS (SELECT FROM cases WHERE cases.payment_id = payment_labels.payment_id"
    " AND cases.user_id = payment_labels.user_id AND cases.program_id = payment_labels.program_id"
    " AND cases.id || ':' || cases.version = payment_labels.occasion"
    " AND cases.answered_at = payment_labels.labelled_at"
    " AND CASE cases.answer WHEN 'yes' THEN 'genuine' WHEN 'no' THEN 'fraud' END = payment_labels.label)"
)
_SAID: Final = (
    f"said ON payment_labels FOR INSERT TO cardwright_customer WITH CHECK ({_OWN}"
    " AND EXISTS (SELECT FROM payments WHERE payments.id = payment_labels.payment_id)"
    " AND source = 'holder' AND labelled_by = user_id"
)
_ANSWERED: Final = (
    f"answered ON cases FOR UPDATE TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN}"
    " AND answer IS NOT NULL AND (finding IS NULL OR (finding = 'genuine' AND resolved_by = user_id)))"
)
_COLUMNS: Final = (
    "state, priority, due_at, version, assignee_id, overdue_at, finding, resolved_at, resolved_by, answer,"
    " answered_at"
)
_CHECK_DROP: Final = """
CREATE FUNCTION check_guardrail_drop() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  used text;
BEGIN
  SELECT id INTO used FROM approvals
   WHERE kind = 'guardrail.drop' AND subject_id = OLD.id AND state = 'approved'
     AND payload::jsonb ->> 'when' = OLD.condition LIMIT 1;
  PERFORM use_approval(used, 'guardrail.drop', OLD.program_id, OLD.id);
  RETURN NULL;
END $$
"""
_GUARDS: Final = (
    "four_eyes AFTER DELETE ON rule_guardrails FOR EACH ROW EXECUTE FUNCTION check_guardrail_drop()",
    "append_only BEFORE UPDATE ON rule_guardrails FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "never_emptied BEFORE TRUNCATE ON rule_guardrails FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    op.execute(_CHECK_DROP)
    for guard in _GUARDS:
        op.execute(f"CREATE TRIGGER {guard}")
    _let_hear()


def downgrade() -> None:
    _let_holders_answer()
    for guard in _GUARDS:
        op.execute(f"DROP TRIGGER {guard.partition(' ')[0]} ON rule_guardrails")
    op.execute("DROP FUNCTION check_guardrail_drop()")


def _let_hear() -> None:
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {_HEARING} NOLOGIN;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    # As with the vault: the login may become it, and has nothing of it as long as it does not.
    op.execute(f"GRANT {_HEARING} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE")
    op.execute(f"GRANT SELECT, UPDATE ({_COLUMNS}) ON cases TO {_HEARING}")
    op.execute(f"CREATE POLICY seen_to_hear ON cases FOR SELECT TO {_HEARING} USING ({_OF_WHOM_IT_IS})")
    op.execute(f"CREATE POLICY {_HEARD}")
    op.execute("DROP POLICY answered ON cases")
    op.execute("REVOKE UPDATE ON cases FROM cardwright_customer")
    _replace(f"{_REPORTED} AND {_NEVER_ASKED})", f"{_SAID} AND {_AS_HEARD})")


def _let_holders_answer() -> None:
    _replace(f"{_REPORTED})", f"{_SAID})")
    op.execute(f"GRANT UPDATE ({_COLUMNS}) ON cases TO cardwright_customer")
    op.execute(f"CREATE POLICY {_ANSWERED}")
    op.execute("DROP POLICY heard ON cases")
    op.execute("DROP POLICY seen_to_hear ON cases")
    # The role stays: other databases of the cluster may use it.
    op.execute(f"REVOKE ALL ON cases FROM {_HEARING}")


def _replace(reported: str, said: str) -> None:
    op.execute("DROP POLICY reported ON cases")
    op.execute("DROP POLICY said ON payment_labels")
    op.execute(f"CREATE POLICY {reported}")
    op.execute(f"CREATE POLICY {said}")
