"""The rule of the story beside the rules that somebody made meanwhile."""

from typing import Any

from cardwright.demo.story import with_rules

STORYS: dict[str, Any] = {"name": "gambling", "when": "amount > 1", "action": "decline", "reason": "No."}
MINE: dict[str, Any] = {**STORYS, "name": "mine", "when": "amount > 2", "stage": "shadow"}


def book(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"version": 7, "rules": [*rules], "scoring": {"flag_at": 30}}


def test_what_is_live_meanwhile_is_kept_with_its_thresholds() -> None:
    proposed = with_rules(book(MINE), STORYS)
    assert proposed == {
        "expected_version": 7, "rules": [MINE, {**STORYS, "stage": "live"}], "scoring": {"flag_at": 30},
        "note": "The demo's rules",
    }  # fmt: skip


def test_nothing_is_published_where_the_rule_is_live_already() -> None:
    assert with_rules(book(MINE, {**STORYS, "stage": "live", "points": None}), STORYS) is None


def test_a_rule_of_its_name_that_is_another_stays_beside_it() -> None:
    retired = {**STORYS, "stage": "retired"}
    proposed = with_rules(book(retired), STORYS)
    assert proposed is not None
    assert [(it["name"], it["stage"]) for it in proposed["rules"]] == [
        ("gambling", "retired"), ("gambling_2", "live"),
    ]  # fmt: skip
