"""Running all checks in their fixed order."""

from collections.abc import Sequence
from typing import Final

from cardwright.payments.decision.controls import controls
from cardwright.payments.decision.facts import Facts
from cardwright.payments.decision.limits import balance, limits
from cardwright.payments.decision.network import with_network
from cardwright.payments.decision.standing import standing
from cardwright.payments.decision.terms import terms
from cardwright.payments.decision.verdict import RESPONSE_CODES, Check, Outcome, Verdict, passed
from cardwright.rules import CompiledRulebook, RuleAction, RuleHit, evaluate

RULES_CHECK: Final = "rules"
"""The name of every check that a rule makes; its detail and what would pass are for staff only."""


def decide(facts: Facts, rulebook: CompiledRulebook) -> Verdict:
    """Run every check in the fixed order; decline when one fails, or as the network has decided already.

    The order: standing of card and holder, the card's terms, controls, limits, balance, rules. What a network
    declined before it asked us is explained by the same checks, and by itself where they all pass.
    """
    hits = evaluate(rulebook, facts.fields)
    ours = [
        *standing(facts),
        *terms(facts),
        *controls(facts),
        *limits(facts),
        balance(facts),
        *_rules(hits),
    ]
    checks = with_network(facts.network, ours)
    failing = [check for check in checks if not check.passed]
    is_approved = facts.network.approved if facts.network else not failing
    reason = None if is_approved else failing[0].code
    return Verdict(
        outcome=Outcome.APPROVED if is_approved else Outcome.DECLINED,
        reason_code=reason,
        response_code="00" if reason is None else RESPONSE_CODES[reason],
        checks=tuple(checks),
        flags=tuple(hit.rule for hit in hits if hit.action is RuleAction.FLAG),
    )


def _rules(hits: Sequence[RuleHit]) -> Sequence[Check]:
    declining = [hit for hit in hits if hit.action is RuleAction.DECLINE]
    if not declining:
        return (passed(RULES_CHECK, "No rule declines this."),)
    return [
        Check(
            RULES_CHECK, passed=False, code="rule_declined",
            explanation=hit.reason, detail=f"{hit.rule}: {hit.explanation}", would_pass=hit.would_pass,
        )
        for hit in declining
    ]  # fmt: skip
