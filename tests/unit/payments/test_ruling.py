"""What rules come to that hit the same payment: every pair of actions, whatever order they stand in."""

from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import pytest

from cardwright.payments.decision import ExceptionFact, Facts, Outcome, Verdict, decide
from cardwright.rules import Rule, RuleAction, Rulebook, RuleStage, Scoring, compile_rulebook
from cardwright.rules.proofs import outcomes
from unit.payments.test_decision import GOOD, SHOP

FREEZE, DECLINE, ALLOW = RuleAction.FREEZE, RuleAction.DECLINE, RuleAction.ALLOW
CHALLENGE, FLAG, SCORE = RuleAction.CHALLENGE, RuleAction.FLAG, RuleAction.SCORE
ALLOWED_SHOP = ExceptionFact("exc_1", "2026-11-23T12:15:00+00:00")
SHOWN: Facts = replace(GOOD, purchase=SHOP)


def a_rule(action: RuleAction, *, name: str | None = None, **more: Any) -> Rule:
    points = more.pop("points", 10 if action is SCORE else None)
    return Rule(name or str(action), "amount > 0", action, f"{action} it is.", points=points, **more)


def verdict_of(*rules: Rule, scoring: Scoring = Scoring(), **changes: Any) -> Verdict:
    return decide(replace(SHOWN, **changes), compile_rulebook(Rulebook(1, rules, scoring)))


@pytest.mark.parametrize(
    ("actions", "reason", "flags"),
    [
        ((FREEZE, ALLOW, FLAG), "rule_declined", ()),
        ((DECLINE, ALLOW, CHALLENGE), "rule_declined", ()),
        ((ALLOW, CHALLENGE, FLAG), None, ()),
        ((CHALLENGE, FLAG, SCORE), "challenge_required", ("flag",)),
        ((FLAG, SCORE), None, ("flag",)),
        ((ALLOW,), None, ()),
    ],
)
def test_actions_resolve_in_the_written_order(
    actions: tuple[RuleAction, ...], reason: str | None, flags: tuple[str, ...]
) -> None:
    for order in permutations(actions):
        verdict = verdict_of(*map(a_rule, order))
        assert (verdict.reason_code, verdict.flags) == (reason, flags)
        assert (verdict.lock_reason == "freeze it is.") is (FREEZE in actions)


def test_what_an_allowing_rule_sets_aside_is_kept() -> None:
    verdict = verdict_of(*map(a_rule, (ALLOW, CHALLENGE, FLAG, SCORE)))
    assert verdict.outcome is Outcome.APPROVED
    assert verdict.allowed_by == ("allow",)
    assert set(verdict.set_aside) == {"challenge", "flag", "score"}
    assert verdict.score == 10


@pytest.mark.parametrize("changes", [{"available_balance": 0}, {"card_state": "frozen"}, {"kyc_level": 0}])
def test_an_allowing_rule_never_overrules_another_check(changes: dict[str, Any]) -> None:
    without = verdict_of(**changes)
    assert without.outcome is Outcome.DECLINED
    assert verdict_of(a_rule(ALLOW), **changes).reason_code == without.reason_code


def test_a_challenge_is_over_once_the_holder_has_allowed_the_merchant() -> None:
    asked = verdict_of(a_rule(CHALLENGE))
    assert (asked.reason_code, asked.response_code) == ("challenge_required", "1A")
    assert asked.would_pass == f"If this is you: allow {SHOP.merchant_name} for a while, then pay again."
    assert verdict_of(a_rule(CHALLENGE), exception=ALLOWED_SHOP).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("points", "reason", "flags"),
    [
        ((29,), None, ()),
        ((30,), None, ("score",)),
        ((20, 30), "challenge_required", ()),
        ((20, 60), "score_too_high", ()),
        ((100, -71), None, ()),
    ],
)
def test_points_add_up_and_lead_to_what_the_thresholds_say(
    points: tuple[int, ...], reason: str | None, flags: tuple[str, ...]
) -> None:
    rules = [a_rule(SCORE, name=f"sign_{number}", points=each) for number, each in enumerate(points)]
    verdict = verdict_of(*rules, scoring=Scoring(30, 50, 80))
    assert (verdict.score, verdict.reason_code, verdict.flags) == (sum(points), reason, flags)
    allowed = verdict_of(*rules, a_rule(ALLOW), scoring=Scoring(30, 50, 80))
    assert (allowed.reason_code, allowed.flags) == (None, ())


def test_the_parts_of_a_score_are_for_staff_alone() -> None:
    verdict = verdict_of(a_rule(SCORE, points=90), scoring=Scoring(decline_at=80))
    [check] = [check for check in verdict.checks if not check.passed]
    assert check.detail == "The score is 90: score +90."
    assert "90" not in check.explanation


@pytest.mark.parametrize("action", [FREEZE, DECLINE, CHALLENGE, FLAG])
def test_a_rule_that_only_watches_changes_nothing_and_is_remembered(action: RuleAction) -> None:
    plain, watched = verdict_of(), verdict_of(a_rule(action, stage=RuleStage.SHADOW))
    assert replace(watched, shadow=()) == plain
    assert [(hit.rule, hit.action) for hit in watched.shadow] == [(action, action)]
    assert "shadow" not in plain.to_json()


@pytest.mark.parametrize("stage", [RuleStage.DRAFT, RuleStage.RETIRED])
def test_drafts_and_retired_rules_are_not_asked(stage: RuleStage) -> None:
    assert verdict_of(a_rule(DECLINE, stage=stage)) == verdict_of()


def test_a_sampled_rule_counts_for_its_share_and_the_same_for_the_same_payment() -> None:
    rule = a_rule(DECLINE, stage=RuleStage.SAMPLED, sample_percent=30)
    outcomes = {f"iauth_{number}": verdict_of(rule, draw=f"iauth_{number}") for number in range(2_000)}
    declined = [name for name, verdict in outcomes.items() if verdict.outcome is Outcome.DECLINED]
    assert 500 < len(declined) < 700
    assert all(bool(verdict.shadow) == (name not in declined) for name, verdict in outcomes.items())
    assert all(verdict_of(rule, draw=name) == outcomes[name] for name in list(outcomes)[:50])


def test_the_holder_is_told_how_to_pass_a_challenge_and_never_how_to_pass_a_rule() -> None:
    assert verdict_of(a_rule(CHALLENGE)).holders_hint == (
        f"If this is you: allow {SHOP.merchant_name} for a while, then pay again."
    )
    declined = verdict_of(a_rule(DECLINE))
    assert (declined.holders_hint, declined.would_pass) == (None, "amount at most 0")
    assert verdict_of().holders_hint is None


@pytest.mark.parametrize(
    "scoring", [Scoring(), Scoring(5, 10, 20), Scoring(decline_at=10), Scoring(challenge_at=5)]
)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_proofs_take_the_written_order_for_what_it_is(scoring: Scoring, count: int) -> None:
    made_of = {
        None: outcomes.Outcome.APPROVED,
        "rule_declined": outcomes.Outcome.DECLINED,
        "score_too_high": outcomes.Outcome.DECLINED,
        "challenge_required": outcomes.Outcome.CHALLENGED,
    }
    more = [a_rule(SCORE, name="more"), a_rule(SCORE, name="less", points=-5)]
    for rules in combinations([*map(a_rule, RuleAction), *more], count):
        reason = verdict_of(*rules, scoring=scoring).reason_code
        assert outcomes.outcome_of(rules, scoring) is made_of[reason]
