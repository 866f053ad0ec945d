"""What hits come to for the payment, by the written order: declined, challenged or approved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cardwright.rules.domain import Rule, RuleAction, Rulebook, RuleStage, Scoring

if TYPE_CHECKING:
    from cardwright.rules.proofs.variables import Term, Variables

HARD: Final = frozenset({RuleAction.FREEZE, RuleAction.DECLINE})


class Outcome(StrEnum):
    """What the rules make of a payment; a challenged one is declined until its holder confirms."""

    DECLINED = "declined"
    CHALLENGED = "challenged"
    APPROVED = "approved"


def outcome_of(hits: Sequence[Rule], scoring: Scoring) -> Outcome:
    """Resolve what rules that hit, and count, come to."""
    actions = {hit.action for hit in hits}
    if actions & HARD:
        return Outcome.DECLINED
    if RuleAction.ALLOW in actions:
        return Outcome.APPROVED
    by_score = scoring.action_at(sum(hit.points or 0 for hit in hits))
    if by_score is RuleAction.DECLINE:
        return Outcome.DECLINED
    if RuleAction.CHALLENGE in {by_score, *actions}:
        return Outcome.CHALLENGED
    return Outcome.APPROVED


@dataclass(frozen=True, slots=True)
class OutcomeTerms:
    """When a rulebook declines, challenges or approves, as terms."""

    by_outcome: Mapping[Outcome, Any]

    @classmethod
    def of(cls, rulebook: Rulebook, hits: Mapping[str, "Term"], variables: "Variables") -> "OutcomeTerms":
        """Resolve what the rules' hits come to; rules without a hit in `hits` do not count."""
        import z3  # noqa: PLC0415 - tens of megabytes that only proofs need

        def some(rules: Iterable[Rule]) -> "Term":
            return variables.any_of(hits[rule.name] for rule in rules)

        counting = [rule for rule in rulebook.rules if rule.name in hits]
        allowed = some(rule for rule in counting if rule.action is RuleAction.ALLOW)
        points = z3.Sum(
            variables.number(0), *(z3.If(hits[rule.name], rule.points, 0) for rule in counting if rule.points)
        )
        scoring = rulebook.scoring

        def scored(step: int | None) -> "Term":
            return variables.truth(value=False) if step is None else points >= step

        declined = z3.Or(
            some(rule for rule in counting if rule.action in HARD),
            z3.And(z3.Not(allowed), scored(scoring.decline_at)),
        )
        asked = z3.Or(
            some(rule for rule in counting if rule.action is RuleAction.CHALLENGE),
            scored(scoring.challenge_at),
        )
        challenged = z3.And(z3.Not(declined), z3.Not(allowed), asked)
        return cls(
            {
                Outcome.DECLINED: declined,
                Outcome.CHALLENGED: challenged,
                Outcome.APPROVED: z3.Not(z3.Or(declined, challenged)),
            }
        )


def live_rules(rulebook: Rulebook) -> frozenset[str]:
    """Return the names of the rules that decide every payment."""
    return frozenset(rule.name for rule in rulebook.rules if rule.stage is RuleStage.LIVE)
