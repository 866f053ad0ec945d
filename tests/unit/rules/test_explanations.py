import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardwright.rules.language.alternatives import would_pass
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.explain import explain
from cardwright.rules.language.interpreter import Facts, interpret
from cardwright.rules.language.types import FactValue
from unit.rules.expressions import COUNTRIES, FIELDS, LISTS, conditions, facts, quoted, small_numbers

FACTS: Facts = {
    "amount": 41200,
    "currency": "USD",
    "kind": "authorization",
    "channel": "ecommerce",
    "merchant.id": "acceptor-1",
    "merchant.name": 'LUCKY "7" CASINO',
    "merchant.mcc": "7995",
    "merchant.country": "NG",
    "card.age_days": 1,
    "holder.kyc_level": 1,
    "velocity.approved_count_1h": 4,
    "velocity.approved_amount_24h": 90000,
}


def explained(source: str, changed: Facts | None = None) -> str:
    return explain(check(source, AUTHORIZATION_FIELDS), {**FACTS, **(changed or {})})


def alternative(source: str, changed: Facts | None = None) -> str | None:
    return would_pass(check(source, AUTHORIZATION_FIELDS), {**FACTS, **(changed or {})})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            'amount > 30000 && merchant.country in ["NG"]',
            'amount 412.00 USD > 300.00 and merchant.country NG in ["NG"]: true',
        ),
        (
            'amount > 100000 || merchant.country != "US"',
            'amount 412.00 USD > 1000.00 (false) or merchant.country NG != "US" (true): true',
        ),
        (
            'has(holder.country) && holder.country != "NG" || amount - 1000 > 30000',
            ('(has(holder.country) (false) and holder.country (missing) != "NG" (not asked))'
            " or (amount 412.00 USD - 10.00) > 300.00 (true): true"),
        ),
        (
            '!(channel == "atm") && amount > 1',
            'not channel ecommerce == "atm" (false) and amount 412.00 USD > 0.01 (true): true',
        ),
        ("amount * 2 / 3 > 5", "((amount 412.00 USD * 2) / 3) > 0.05: true"),
        (
            '(card.age_days < 2 ? 20000 : 50000) < amount && merchant.name.contains("CASINO")',
            ("(if card.age_days 1 < 2 then 200.00 else 500.00) < amount 412.00 USD"
            ' and merchant.name "LUCKY \\"7\\" CASINO" contains "CASINO": true'),
        ),
        ("-card.age_days == -1", "(-(card.age_days 1)) == -1: true"),
        ("amount < 5", "amount 412.00 USD < 0.05: false"),
        ("amount < 5 && card.age_days > 0",
         "amount 412.00 USD < 0.05 (false) and card.age_days 1 > 0 (true): false"),
    ],
)  # fmt: skip
def test_an_explanation_puts_the_values_beside_the_names(source: str, expected: str) -> None:
    assert explained(source) == expected


def test_an_explanation_names_the_list_and_the_pattern() -> None:
    source = r'name in lists.names && name.matches(r"^\w") || flag'
    told = explain(check(source, FIELDS), {"name": "a", "flag": False}, LISTS)
    assert told == (
        '(name "a" in lists.names (true) and name "a" matches "^\\\\w" (true)) or flag false (false): true'
    )


def test_amounts_follow_the_currency_and_stay_minor_units_when_it_is_unknown() -> None:
    assert explained("amount > 300", {"currency": "JPY"}) == "amount 41200 JPY > 300: true"
    assert explained("amount > 300", {"currency": "KWD"}) == "amount 41.200 KWD > 0.300: true"
    assert explained("amount > 300", {"currency": "???"}) == "amount 41200 ??? > 300: true"


def test_an_explanation_can_be_stored_whatever_the_network_sent() -> None:
    text = explained('merchant.name != "x"', {"merchant.name": "\x00\ud800" + "a" * 500})
    assert len(text.encode()) < 200
    assert "\x00" not in text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('amount > 30000 && merchant.country in ["NG"]',
         'amount at most 300.00 or merchant.country other than "NG"'),
        ('amount > 100 || merchant.country == "NG"', None),
        ('merchant.country != "US" && merchant.country != "CA"', 'merchant.country "CA" or "US"'),
        ('merchant.country == "NG" || merchant.country == "GH"', 'merchant.country other than "GH", "NG"'),
        ("amount > 10000 && amount < 50000", "amount at least 500.00"),
        ("amount != 500 && amount != 501", "amount from 5.00 to 5.01"),
        ("amount != 500", "amount 5.00"),
        ("velocity.approved_count_1h >= 3", "velocity.approved_count_1h at most 2"),
        ("holder.kyc_level in [0, 1]", "holder.kyc_level at least 2"),
        ("2 > card.age_days", "card.age_days at least 2"),
        ("amount * 2 > 5", None),
        ("amount > velocity.approved_count_1h", None),
        ('merchant.mcc >= "7000"', None),
        ('merchant.name.contains("CASINO") && card.age_days < 30', "card.age_days at least 30"),
        ("amount > 1 && card.age_days > 0 && holder.kyc_level > 0 && velocity.approved_count_1h > 3",
         "amount at most 0.01 or card.age_days at most 0 or holder.kyc_level at most 0"),
        ("!has(holder.country) && amount >= 0", None),
    ],
)  # fmt: skip
def test_what_would_have_let_it_pass_is_said_when_one_field_decides(
    source: str, expected: str | None
) -> None:
    assert alternative(source) == expected


def test_a_truth_that_decides_is_turned_over() -> None:
    assert would_pass(check("flag", FIELDS), {"flag": True}) == "flag false"
    assert would_pass(check("flag || true", FIELDS), {"flag": True}) is None


def _promised(text: str, name: str, low: int, high: int) -> range:
    """Return the numbers of field `name` that an alternative promises to let pass."""
    found = re.search(
        rf"(?<![.\w]){name} (?:at most (-?\d+)|at least (-?\d+)|from (-?\d+) to (-?\d+)|(-?\d+))", text
    )
    if found is None:
        return range(0)
    most, least, first, last, only = (int(each) if each is not None else None for each in found.groups())
    if first is not None and last is not None:
        return range(first, last + 1)
    if only is not None:
        return range(only, only + 1)
    return range(low if least is None else least, (high if most is None else most) + 1)


simple = st.one_of(
    conditions(),
    st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(["number", "count"]), st.sampled_from(["<", ">", "==", "!="]), small_numbers
            ).map(lambda parts: " ".join(map(str, parts))),
            st.tuples(st.sampled_from(["==", "!="]), st.sampled_from(COUNTRIES)).map(
                lambda parts: f"country {parts[0]} {quoted(parts[1])}"
            ),
        ),
        min_size=1,
        max_size=5,
    ).flatmap(lambda atoms: st.sampled_from([" && ", " || "]).map(lambda joint: joint.join(atoms))),
)


@given(simple, facts)
@settings(max_examples=400)
def test_every_change_that_is_promised_to_pass_does_pass(source: str, row: dict[str, FactValue]) -> None:
    checked = check(source, FIELDS)
    if not interpret(checked.tree, row, LISTS):
        return
    text = would_pass(checked, row, LISTS) or ""
    for name, low, high in (("number", -50, 50), ("maybe.number", -50, 50), ("count", 0, 20)):
        for value in _promised(text, name, low, high):
            assert not interpret(checked.tree, {**row, name: value}, LISTS)
    if "country other than" in text:
        blocked = set(re.findall(r'"(..)"', text))
        for other in {*COUNTRIES, "CH"} - blocked:
            assert not interpret(checked.tree, {**row, "country": other}, LISTS)
        for one in blocked:
            assert interpret(checked.tree, {**row, "country": one}, LISTS)


@given(conditions(), facts)
def test_every_condition_can_be_explained_and_ends_with_its_outcome(
    source: str, row: dict[str, FactValue]
) -> None:
    checked = check(source, FIELDS)
    outcome = "true" if interpret(checked.tree, row, LISTS) else "false"
    assert explain(checked, row, LISTS).endswith(f": {outcome}")
