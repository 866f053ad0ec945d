"""Running all checks in their fixed order."""

from dataclasses import replace
from typing import Final

from cardwright.payments.decision.controls import controls
from cardwright.payments.decision.facts import Facts
from cardwright.payments.decision.limits import balance, limits
from cardwright.payments.decision.network import with_network
from cardwright.payments.decision.ruling import rule
from cardwright.payments.decision.standing import standing
from cardwright.payments.decision.terms import terms
from cardwright.payments.decision.verdict import RESPONSE_CODES, Outcome, Verdict, passed
from cardwright.rules import CompiledRulebook, evaluate

PARTIAL_CHECK: Final = "partial"
_SHORT_OF_MONEY: Final = frozenset({"limit_exceeded", "funds_insufficient"})


def decide(facts: Facts, rulebook: CompiledRulebook) -> Verdict:
    """Run every check in the fixed order; decline when one fails, or as the network has decided already.

    The order: standing of card and holder, the card's terms, controls, limits, balance, rules. What a network
    declined before it asked us is explained by the same checks, and by itself where they all pass. Where all
    that is missing is money or what is left of a limit, a terminal that can take less is given what there is.
    """
    whole = _judge(facts, rulebook)
    part = _part(facts, whole)
    if part is None:
        return whole
    verdict = _judge(replace(facts, amount=part), rulebook)
    # What the card's terms want as a whole, such as an exact amount, is not had in parts.
    return whole if verdict.outcome is Outcome.DECLINED else _of_a_part(facts, part, verdict)


def _part(facts: Facts, whole: Verdict) -> int | None:
    if not facts.allows_partial or facts.network is not None or whole.outcome is Outcome.APPROVED:
        return None
    if not {check.code for check in whole.checks if not check.passed} <= _SHORT_OF_MONEY:
        return None
    left = [limit.limit - limit.used for limit in facts.limits if limit.measure == "amount"]
    part = min([facts.available_balance, *left])
    return part if part > 0 else None


def _of_a_part(facts: Facts, part: int, verdict: Verdict) -> Verdict:
    asked, approved = facts.money(facts.amount), facts.money(part)
    words = f"{approved} of the {asked} asked for are approved: there is no more."
    checks = (passed(PARTIAL_CHECK, words), *verdict.checks)
    return replace(verdict, checks=checks, approved_amount=part)


def _judge(facts: Facts, rulebook: CompiledRulebook) -> Verdict:
    lists = {name: frozenset(entries) for name, entries in facts.lists.items()}
    hits = evaluate(rulebook, facts.fields, lists, draw=facts.draw)
    ruling = rule(facts, hits, rulebook.rulebook.scoring)
    ours = [
        *standing(facts),
        *terms(facts),
        *controls(facts),
        *limits(facts),
        balance(facts),
        *ruling.checks,
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
        flags=ruling.flags,
        allowed_by=ruling.allowed_by,
        set_aside=ruling.set_aside,
        shadow=ruling.shadow,
        score=ruling.score,
        lock_reason=ruling.lock_reason,
    )
