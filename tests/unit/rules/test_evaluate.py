from collections.abc import Mapping
from enum import IntEnum, StrEnum

import pytest

from cardwright.core.errors import Invalid
from cardwright.rules import (
    AUTHORIZATION_FIELDS,
    FactValue,
    Rule,
    RuleAction,
    Rulebook,
    RulebookInvalid,
    RuleHit,
    compile_rulebook,
    evaluate,
)
from cardwright.rules.language.catalogue import Catalogue, NamedList
from cardwright.rules.language.types import COUNTRY

LARGE = Rule("large_abroad", 'amount > 30000 && merchant.country in ["NG"]', RuleAction.DECLINE, "Too large.")
YOUNG = Rule("young_card", "card.age_days < 2", RuleAction.FLAG, "A young card.")
FOREIGN = Rule(
    "foreign", "has(holder.country) && holder.country != merchant.country", RuleAction.FLAG, "Abroad."
)
FACTS: Mapping[str, FactValue] = {
    "amount": 41200,
    "currency": "USD",
    "merchant.country": "NG",
    "card.age_days": 1,
    "holder.country": None,
}


def test_every_rule_that_holds_is_reported_in_the_order_of_the_rulebook() -> None:
    compiled = compile_rulebook(Rulebook(1, (YOUNG, FOREIGN, LARGE)))
    assert evaluate(compiled, FACTS) == (
        RuleHit("young_card", RuleAction.FLAG, "A young card.", "card.age_days 1 < 2: true",
                "card.age_days at least 2"),
        RuleHit("large_abroad", RuleAction.DECLINE, "Too large.",
                'amount 412.00 USD > 300.00 and merchant.country NG in ["NG"]: true',
                'amount at most 300.00 or merchant.country other than "NG"'),
    )  # fmt: skip


def test_lists_are_given_with_the_facts_and_a_missing_one_is_named() -> None:
    catalogue = Catalogue(AUTHORIZATION_FIELDS.fields, [NamedList("lists.risky", COUNTRY, "Risky.")])
    rule = Rule("risky", "merchant.country in lists.risky", RuleAction.FLAG, "Risky.")
    compiled = compile_rulebook(Rulebook(1, (rule,)), catalogue)
    [hit] = evaluate(compiled, FACTS, {"lists.risky": frozenset(["NG"])})
    assert hit.explanation == "merchant.country NG in lists.risky: true"
    assert evaluate(compiled, FACTS, {"lists.risky": frozenset()}) == ()
    with pytest.raises(ValueError, match=r"the list lists\.risky was not given"):
        evaluate(compiled, FACTS)


def test_an_empty_rulebook_hits_nothing() -> None:
    assert evaluate(compile_rulebook(Rulebook(0, ())), {}) == ()


def test_an_optional_fact_may_be_absent() -> None:
    compiled = compile_rulebook(Rulebook(1, (FOREIGN,)))
    assert evaluate(compiled, {"merchant.country": "NG"}) == ()
    assert len(evaluate(compiled, {"merchant.country": "NG", "holder.country": "DE"})) == 1


@pytest.mark.parametrize("wrong", [None, "41200", True, 412.0])
def test_facts_of_a_wrong_type_are_refused_by_name(wrong: object) -> None:
    compiled = compile_rulebook(Rulebook(1, (LARGE,)))
    with pytest.raises(ValueError, match="the fact amount must be a whole number"):
        evaluate(compiled, {**FACTS, "amount": wrong})  # type: ignore[dict-item]


def test_members_of_enumerations_are_facts_like_their_values() -> None:
    class Channel(StrEnum):
        ATM = "atm"

    class Level(IntEnum):
        DOCUMENT = 2

    rule = Rule("cash", 'channel in ["atm"] && holder.kyc_level < 3', RuleAction.FLAG, "Cash.")
    facts: Mapping[str, FactValue] = {"channel": Channel.ATM, "holder.kyc_level": Level.DOCUMENT}
    [hit] = evaluate(compile_rulebook(Rulebook(1, (rule,))), facts)
    assert hit.explanation == 'channel atm in ["atm"] and holder.kyc_level 2 < 3: true'


def test_facts_that_no_rule_reads_are_not_asked_for() -> None:
    compiled = compile_rulebook(Rulebook(1, (YOUNG,)))
    assert evaluate(compiled, {"card.age_days": 9, "amount": "nonsense"}) == ()


def test_a_rulebook_with_faults_is_refused_with_every_place() -> None:
    faulty = Rule("typo", "amuont > 5", RuleAction.DECLINE, "Typo.")
    open_bracket = Rule("open", "(amount > 5", RuleAction.DECLINE, "Open.")
    with pytest.raises(RulebookInvalid) as caught:
        compile_rulebook(Rulebook(1, (faulty, LARGE, open_bracket)))
    assert caught.value.code == "rules_invalid"
    assert [(each["rule"], each["line"], each["column"]) for each in caught.value.details["faults"]] == [
        ("typo", 1, 1),
        ("open", 1, 12),
    ]


def test_the_hash_depends_on_the_rules_and_not_on_the_version() -> None:
    assert Rulebook(1, (LARGE, YOUNG)).hash == Rulebook(7, (LARGE, YOUNG)).hash
    assert Rulebook(1, (LARGE, YOUNG)).hash != Rulebook(1, (YOUNG, LARGE)).hash
    assert len({Rulebook(1, rules).hash for rules in ((), (LARGE,), (YOUNG,))}) == 3


def test_the_hash_of_known_rules_never_changes() -> None:
    assert Rulebook(1, (YOUNG,)).hash == "826289f0a05a8996232cb6b0de9fe8a0702172755a22c77b9a0d4d3f3fbc0463"


@pytest.mark.parametrize("name", ["", "Large", "1st", "a-b", "a" * 65, "a\n"])
def test_a_rule_name_that_could_be_misread_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="A rule's name"):
        Rule(name, "amount > 1", RuleAction.DECLINE, "Reason.")


@pytest.mark.parametrize("reason", ["", "  ", "a" * 201, "two\nlines", "\x00", "\ud800"])
def test_a_reason_that_cannot_be_shown_is_refused(reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        Rule("name", "amount > 1", RuleAction.DECLINE, reason)
    assert caught.value.code == "rule_reason_invalid"


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="Two rules are named"):
        Rulebook(1, (LARGE, LARGE))


def test_too_many_rules_are_refused() -> None:
    rules = tuple(Rule(f"r{n}", "amount > 1", RuleAction.FLAG, "Reason.") for n in range(501))
    with pytest.raises(Invalid, match="at most 500"):
        Rulebook(1, rules)
