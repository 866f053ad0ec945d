"""The fields of velocity: how they are named, what they say, and what never exceeds what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cardwright.rules import AUTHORIZATION_FIELDS, Rule, RuleAction, Rulebook, compile_rulebook
from cardwright.rules.language.checker import check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.proofs import FindingKind, Verdict, prove
from cardwright.rules.velocity import ALIASES, DEFINITIONS, Definition, Entity, Measure, Window, definition
from cardwright.rules.velocity.reading import reading_of
from unit.rules.velocity_by_hand import GAPS, Happened, count, draw, random_authorization

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rules(*conditions: str) -> Rulebook:
    made = [Rule(f"rule_{n}", when, RuleAction.DECLINE, "No.") for n, when in enumerate(conditions)]
    return Rulebook(1, tuple(made))


def test_every_definition_is_a_field_of_its_name_with_its_own_sentence() -> None:
    for found in DEFINITIONS:
        field = AUTHORIZATION_FIELDS.find(found.name)
        assert field is not None
        assert (definition(found.name), field.is_optional) == (found, found.is_optional)
    sentences = [AUTHORIZATION_FIELDS.find(found.name).sentence for found in DEFINITIONS]  # type: ignore[union-attr]
    assert len(set(sentences)) == len(sentences)
    assert all("{" not in it and "…" not in it and it.endswith(".") for it in sentences)
    assert definition("amount") is None


def test_the_names_from_before_mean_the_card() -> None:
    assert definition("velocity.approved_count_1h") == Definition(
        Entity.CARD, Measure.APPROVED_COUNT, Window.HOUR
    )
    for alias, meant in ALIASES.items():
        old, new = AUTHORIZATION_FIELDS.find(alias), AUTHORIZATION_FIELDS.find(meant.name)
        assert old is not None
        assert new is not None
        assert old == replace(new, name=alias, sentence=old.sentence)
        assert meant.name in old.sentence


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("velocity.card.aproved_count_1h", "velocity.card.approved_count_1h"),
        ("velocity.cards.approved_count_24h", "velocity.card.approved_count_24h"),
        ("velocity.merchant.distinct_card_7d", "velocity.merchant.distinct_cards_7d"),
        ("velocity.card.seconds_since_frist", "velocity.card.seconds_since_first"),
        ("velocty.approved_amount_24h", "velocity.approved_amount_24h"),
        ("merchant.contry", "merchant.country"),
    ],
)
def test_a_name_that_is_nearly_right_gets_the_right_one(written: str, meant: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(f"{written} > 3", AUTHORIZATION_FIELDS)
    assert [it.suggestion for it in refused.value.diagnostics] == [meant]


def test_time_since_and_the_usual_have_to_be_asked_for_with_has() -> None:
    for name in ("velocity.card.seconds_since_last", "velocity.holder.percent_of_mean_30d"):
        with pytest.raises(ExpressionError, match="may be missing"):
            check(f"{name} > 3", AUTHORIZATION_FIELDS)
        check(f"has({name}) && {name} > 3", AUTHORIZATION_FIELDS)


def test_a_rulebook_knows_which_velocity_its_evaluated_rules_read() -> None:
    compiled = compile_rulebook(
        rules("velocity.card.approved_count_1h > 3 && amount > 5", "velocity.declined_count_1h > 3")
    )
    assert compiled.velocity == ("velocity.card.approved_count_1h", "velocity.declined_count_1h")
    assert compile_rulebook(rules("amount > 5")).velocity == ()


def test_a_statement_is_built_once_and_reads_one_entity_once() -> None:
    names = ("velocity.card.approved_count_1h", "velocity.card.distinct_countries_90d")
    reading = reading_of(names)
    assert reading is reading_of(names)
    # What was counted since it was rolled up, distinctly or not, and what is rolled up of each window.
    once = (") AS of_card", ") AS card_distinct_countries", ") AS card_1h", ") AS card_90d")
    assert {it: reading.text.count(it) for it in once} == dict.fromkeys(once, 1)
    assert "holder" not in reading.text.split("SELECT present", 1)[1]
    past = reading_of(names, of_the_past=True)
    assert past.text.count("CROSS JOIN") == 1
    assert "velocity_totals" not in past.text
    assert not reading.reads_merchants
    assert reading_of(("velocity.merchant.seconds_since_last",)).reads_merchants
    with pytest.raises(KeyError):
        reading_of(("amount",))


def test_what_is_said_never_to_exceed_never_does_in_random_histories() -> None:
    random = draw(5)
    history: list[Happened] = []
    at, pairs = NOON, [pair for pair in AUTHORIZATION_FIELDS.at_most if pair[0].startswith("velocity.")]
    for _ in range(60):
        at = max(at + timedelta(microseconds=1), at + random.choice(GAPS))
        now = random_authorization(random, at)
        values = {found.name: count(found, history, now) for found in DEFINITIONS}
        values |= {alias: values[meant.name] for alias, meant in ALIASES.items()}
        for low, high in pairs:
            one, two = values[low], values[high]
            assert one is None or two is None or one <= two, (low, high)
        history.append(now)


def test_what_follows_over_fields_that_no_rule_names_still_follows() -> None:
    names = {"velocity.approved_count_1h", "velocity.holder.attempted_count_90d", "amount"}
    narrowed = AUTHORIZATION_FIELDS.narrowed(names)
    assert set(narrowed.names) == names
    assert narrowed.at_most == (("velocity.approved_count_1h", "velocity.holder.attempted_count_90d"),)


@pytest.mark.parametrize(
    "impossible",
    [
        "velocity.card.approved_count_1m > 4 && velocity.card.approved_count_90d < 4",
        "velocity.approved_count_1h > 4 && velocity.card.approved_count_6h < 4",
        "velocity.card.approved_count_24h != velocity.approved_count_24h",
        "velocity.card_merchant.declined_count_5m > velocity.merchant.attempted_count_30d",
        "velocity.merchant.distinct_holders_1h > velocity.merchant.distinct_cards_1h",
        "velocity.card.distinct_merchants_7d > 4 && velocity.holder.attempted_count_7d < 5",
        (
            "has(velocity.card.seconds_since_last) && has(velocity.holder.seconds_since_last) &&"
            " velocity.card.seconds_since_last < velocity.holder.seconds_since_last"
        ),
    ],
)
def test_a_rule_against_what_counts_must_be_is_proven_dead(impossible: str) -> None:
    book = compile_rulebook(rules(impossible, "velocity.card.approved_count_1h > 4"))
    report = prove(book, compile_rulebook(Rulebook(0, ())), (), budget_seconds=20)
    dead = [it.rule for it in report.findings if it.kind is FindingKind.NEVER_FIRES]
    assert dead == ["rule_0"]
    assert all(it.verdict is Verdict.PROVEN for it in report.findings)
