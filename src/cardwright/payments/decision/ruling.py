"""What the rules that hit come to: one written order, whatever order the rules stand in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cardwright.payments.decision.facts import Facts
from cardwright.payments.decision.verdict import RULES_CHECK, Check, ShadowHit, passed
from cardwright.rules import RuleAction, RuleHit, Scoring

CHALLENGE_CHECK: Final = "challenge"
"""The check of whether the holder has to confirm; what would pass is for everybody."""
_DECLINING: Final = frozenset({RuleAction.FREEZE, RuleAction.DECLINE})


@dataclass(frozen=True, slots=True)
class Ruling:
    """The checks that rules make, and what is kept beside them.

    `allowed_by` are the rules that set `set_aside` aside; `shadow` is what rules would have done that only
    watch; `score` is None where no rule gave points; `lock_reason` is why the card is to be locked.
    """

    checks: tuple[Check, ...]
    flags: tuple[str, ...]
    allowed_by: tuple[str, ...]
    set_aside: tuple[str, ...]
    shadow: tuple[ShadowHit, ...]
    score: int | None
    lock_reason: str | None


def rule(facts: Facts, hits: Sequence[RuleHit], scoring: Scoring) -> Ruling:
    """Resolve hits: freeze and decline; then allow, which sets the score, challenges and flags aside."""
    counting = [hit for hit in hits if hit.counts]
    declining = [_declined(hit) for hit in counting if hit.action in _DECLINING]
    allowed_by = tuple(hit.rule for hit in counting if hit.action is RuleAction.ALLOW)
    scored = [hit for hit in counting if hit.action is RuleAction.SCORE]
    asking = [hit for hit in counting if hit.action is RuleAction.CHALLENGE]
    flagging = [hit.rule for hit in counting if hit.action is RuleAction.FLAG]
    score = sum(hit.points for hit in scored) if scored else None
    soft: list[Check] = []
    if not allowed_by:
        by_score = scoring.action_at(score or 0)
        soft = [*_scored(by_score, scored, score or 0), *_challenged(facts, asking, by_score, score)]
        flagging += ["score"] if by_score is RuleAction.FLAG else []
    set_aside = [hit.rule for hit in (*scored, *asking)] + flagging if allowed_by else []
    return Ruling(
        checks=(*declining, *soft) or (passed(RULES_CHECK, "No rule declines this."),),
        flags=() if allowed_by else tuple(flagging),
        allowed_by=allowed_by,
        set_aside=tuple(set_aside),
        shadow=tuple(ShadowHit(hit.rule, hit.action, hit.explanation) for hit in hits if not hit.counts),
        score=score,
        lock_reason=next((hit.reason for hit in counting if hit.action is RuleAction.FREEZE), None),
    )


def _declined(hit: RuleHit) -> Check:
    return Check(
        RULES_CHECK, passed=False, code="rule_declined",
        explanation=hit.reason, detail=f"{hit.rule}: {hit.explanation}", would_pass=hit.would_pass,
    )  # fmt: skip


def _scored(led_to: RuleAction | None, scored: Sequence[RuleHit], score: int) -> Sequence[Check]:
    if led_to is not RuleAction.DECLINE:
        return ()
    # Who reads which signs made the sum can avoid them one by one: the parts are for staff.
    return [
        Check(
            RULES_CHECK, passed=False, code="score_too_high",
            explanation="Too many signs speak against this payment.", detail=_sum(scored, score),
        )
    ]  # fmt: skip


def _challenged(
    facts: Facts, asking: Sequence[RuleHit], by_score: RuleAction | None, score: int | None
) -> Sequence[Check]:
    reasons = [(hit.reason, f"{hit.rule}: {hit.explanation}") for hit in asking]
    if by_score is RuleAction.CHALLENGE:
        reasons.append(("Some signs speak against this payment.", f"The score is {score}."))
    merchant = facts.purchase.merchant_name if facts.purchase else "the merchant"
    if reasons and facts.exception is not None:
        return [passed(CHALLENGE_CHECK, f"The holder allowed {merchant} until {facts.exception.until}.")]
    return [
        Check(
            CHALLENGE_CHECK, passed=False, code="challenge_required", explanation=reason, detail=detail,
            would_pass=f"If this is you: allow {merchant} for a while, then pay again.",
        )
        for reason, detail in reasons
    ]  # fmt: skip


def _sum(scored: Sequence[RuleHit], score: int) -> str:
    parts = ", ".join(f"{hit.rule} {hit.points:+}" for hit in scored)
    return f"The score is {score}: {parts}."
