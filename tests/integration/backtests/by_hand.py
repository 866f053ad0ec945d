"""What a backtest must find, one decision at a time: rules in Python, and the decision itself made again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from cardwright.backtests import Request
from cardwright.payments.decision import decide
from cardwright.payments.store import Decision
from cardwright.rules import Rule, RuleAction, Rulebook, RuleStage, compile_rulebook
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.compile_python import compile_conditions

HARD = (RuleAction.FREEZE, RuleAction.DECLINE)


@dataclass(frozen=True)
class Case:
    """A decision, its payment and holder, what is known of it, and which rules match."""

    decision: Decision
    payment_id: str | None
    holder: str | None
    label: str | None
    matched: frozenset[str]
    is_declined_now: bool

    @property
    def is_approved(self) -> bool:
        return self.decision.is_approved


def cases(
    decisions: Sequence[Decision], request: Request, payments: Mapping[str, tuple[str, str]],
    labels: Mapping[str, str],
) -> list[Case]:  # fmt: skip
    """Ask all rules about all decisions, and decide each anew."""
    matches = compile_conditions([check(rule.when, AUTHORIZATION_FIELDS) for rule in request.rules])
    book = compile_rulebook(Rulebook(9, tuple(request.rules), request.scoring))
    found = []
    for decision in decisions:
        if not _is_within(decision, request):
            continue
        payment_id, holder = payments.get(decision.id, (None, None))
        bits = matches(decision.facts.fields)
        # What was declined is asked for whole again: that a part would do is another question.
        facts = replace(decision.facts, allows_partial=decision.facts.allows_partial and decision.is_approved)
        found.append(
            Case(
                decision, payment_id, holder, labels.get(payment_id or ""),
                frozenset(rule.name for place, rule in enumerate(request.rules) if bits >> place & 1),
                decide(facts, book).outcome == "declined",
            )
        )  # fmt: skip
    return found


def _is_within(decision: Decision, request: Request) -> bool:
    since, until = request.since, request.until
    return (since is None or decision.decided_at >= since) and (until is None or decision.decided_at < until)


def figures(found: Sequence[Case], request: Request) -> dict[str, Any]:
    """Return the figures of a backtest as `findings_to_json` names them."""
    fraud = sum(it.label == "fraud" for it in found)
    tested = set(request.tested)
    pairs = Counter(
        pair
        for it in found
        for pair in combinations([rule.name for rule in request.rules if rule.name in it.matched], 2)
        if tested & {*pair}
    )
    return {
        "history": {
            "authorizations": len(found),
            "approved": sum(it.is_approved for it in found),
            "declined": sum(not it.is_approved for it in found),
            "fraud": fraud,
            "genuine": sum(it.label == "genuine" for it in found),
        },
        "rules": [_of_rule(rule, found, request, fraud) for rule in request.rules],
        "overlaps": sorted((one, other, times) for (one, other), times in pairs.items()),
        "newly_declined": _change([it for it in found if it.is_approved and it.is_declined_now]),
        "newly_approved": _change([it for it in found if not it.is_approved and not it.is_declined_now]),
    }


def _of_rule(rule: Rule, found: Sequence[Case], request: Request, fraud: int) -> dict[str, Any]:
    mine = [it for it in found if rule.name in it.matched]
    allowing = {
        it.name for it in request.rules if it.action is RuleAction.ALLOW and it.stage is RuleStage.LIVE
    }
    stopped = [
        it
        for it in mine
        if it.is_approved
        and (rule.action in HARD or (rule.action is RuleAction.CHALLENGE and not it.matched & allowing))
    ]
    bad = sum(it.label == "fraud" for it in mine)
    good = sum(it.label == "genuine" for it in mine)
    return {
        "rule": rule.name,
        "matches": len(mine),
        "approved": sum(it.is_approved for it in mine),
        "declined": sum(not it.is_approved for it in mine),
        "unique": sum(len(it.matched) == 1 for it in mine),
        "value": _value(mine),
        "fraud": bad,
        "genuine": good,
        "unlabelled": sum(it.is_approved and it.label is None for it in mine),
        "precision": (bad, bad + good) if bad + good else None,
        "recall": (bad, fraud) if fraud else None,
        "would_decline": len(stopped),
        "good_customers": len({it.holder for it in stopped if it.label != "fraud"}),
    }


def _change(found: Sequence[Case]) -> dict[str, Any]:
    return {
        "count": len(found),
        "value": _value(found),
        "fraud": sum(it.label == "fraud" for it in found),
        "genuine": sum(it.label == "genuine" for it in found),
        "customers": len({it.holder for it in found if it.label != "fraud"}),
    }


def _value(found: Sequence[Case]) -> dict[str, int]:
    value: Counter[str] = Counter()
    for it in found:
        value[str(it.decision.facts.fields["currency"])] += int(it.decision.facts.fields["amount"] or 0)
    return dict(sorted(value.items()))


def of_findings(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same figures of what a backtest found."""
    shares = ("precision", "recall")
    return {
        "history": {
            name: findings["history"][name]
            for name in ("authorizations", "approved", "declined", "fraud", "genuine")
        },
        "rules": [
            {
                name: (it[name]["part"], it[name]["whole"]) if name in shares and it[name] else it[name]
                for name in it
                if name not in ("action", "stage", "is_tested", "examples")
            }
            for it in findings["rules"]
        ],
        "overlaps": sorted((it["rule"], it["other"], it["matches"]) for it in findings["overlaps"]),
        "newly_declined": findings["newly_declined"],
        "newly_approved": findings["newly_approved"],
    }
