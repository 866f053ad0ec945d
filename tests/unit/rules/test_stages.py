"""What a rule must have at which stage, and what a rulebook's hash stands for."""

from typing import Any

import pytest

from cardwright.core.errors import Invalid
from cardwright.rules import Rule, RuleAction, Rulebook, RuleStage, Scoring

LIVE = Rule("large", "amount > 30000", RuleAction.DECLINE, "Too large.")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": RuleStage.SAMPLED}, "rule_incomplete"),
        ({"sample_percent": 5}, "rule_incomplete"),
        ({"stage": RuleStage.SHADOW, "sample_percent": 5}, "rule_incomplete"),
        ({"stage": RuleStage.SAMPLED, "sample_percent": 0}, "rule_sample_invalid"),
        ({"stage": RuleStage.SAMPLED, "sample_percent": 100}, "rule_sample_invalid"),
        ({"action": RuleAction.SCORE}, "rule_incomplete"),
        ({"points": 5}, "rule_incomplete"),
        ({"action": RuleAction.SCORE, "points": 0}, "rule_points_invalid"),
        ({"action": RuleAction.SCORE, "points": -1001}, "rule_points_invalid"),
    ],
)
def test_a_rule_has_what_its_stage_and_action_need_and_nothing_else(
    changes: dict[str, Any], code: str
) -> None:
    whole = {"name": "large", "when": "true", "action": RuleAction.FLAG, "reason": "Why.", **changes}
    with pytest.raises(Invalid) as raised:
        Rule(**whole)
    assert raised.value.code == code


@pytest.mark.parametrize("steps", [(50, 40, None), (None, 80, 30), (0, None, None), (None, None, 1001)])
def test_thresholds_that_make_no_sense_are_refused(steps: tuple[int | None, ...]) -> None:
    with pytest.raises(Invalid):
        Scoring(*steps)


def test_rules_that_were_published_before_stages_existed_keep_their_hash() -> None:
    assert Rulebook(1, (LIVE,)).hash == "fdd092398f2472d0684de1ba4052c40cd1dd982785a393acb0237cef3993cb85"


def test_another_stage_another_sample_or_another_threshold_is_another_rulebook() -> None:
    books = [
        Rulebook(1, (LIVE,)),
        Rulebook(1, (Rule(*_of(LIVE), RuleStage.SHADOW),)),
        Rulebook(1, (Rule(*_of(LIVE), RuleStage.SAMPLED, 5),)),
        Rulebook(1, (Rule(*_of(LIVE), RuleStage.SAMPLED, 6),)),
        Rulebook(1, (LIVE,), Scoring(flag_at=1)),
        Rulebook(1, (LIVE,), Scoring(challenge_at=1)),
    ]
    assert len({book.hash for book in books}) == len(books)


def _of(rule: Rule) -> tuple[str, str, RuleAction, str]:
    return rule.name, rule.when, rule.action, rule.reason
