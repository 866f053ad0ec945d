from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardwright.rules.language.arithmetic import bounds_of, quotient, remainder
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.compile_python import compile_conditions
from cardwright.rules.language.interpreter import Facts, interpret
from cardwright.rules.language.types import Bounds
from unit.rules.expressions import FIELDS, LISTS, conditions, facts, plain


@given(st.lists(conditions(), min_size=1, max_size=5), st.lists(facts, min_size=1, max_size=5))
@settings(max_examples=50)
def test_the_compiled_function_answers_what_the_interpreter_answers(
    sources: list[str], rows: list[dict[str, int | str | bool | None]]
) -> None:
    checked = [check(source, FIELDS) for source in sources]
    matches = compile_conditions(checked)
    for row in rows:
        expected = sum(1 << index for index, each in enumerate(checked) if interpret(each.tree, row, LISTS))
        assert matches(row, LISTS) == expected
        assert matches(plain(row), LISTS) == expected


@pytest.mark.parametrize(
    "hostile",
    [
        "__import__('os').system('true')",
        "\\'); raise SystemExit #",
        '"; import os; "',
        "{facts}",
        "%s%n",
        "\\u0027 or 1==1",
    ],
)
def test_hostile_texts_stay_texts(hostile: str) -> None:
    escaped = hostile.replace("\\", "\\\\").replace('"', '\\"')
    matches = compile_conditions([check(f'name == "{escaped}"', FIELDS)])
    assert matches({"name": hostile}) == 1
    assert matches({"name": "other"}) == 0


def test_five_hundred_rules_become_one_quick_function() -> None:
    checked = [
        check(f'amount > {n * 100} && merchant.country in ["NG", "GH"]', AUTHORIZATION_FIELDS)
        for n in range(500)
    ]
    matches = compile_conditions(checked)
    row: Facts = {"amount": 25_001, "merchant.country": "NG"}
    assert matches(row) == (1 << 251) - 1
    started = process_time()
    for _ in range(100):
        matches(row)
    assert process_time() - started < 1


def test_a_test_of_a_list_costs_the_same_however_long_it_is() -> None:
    class Counted(str):
        __slots__ = ()
        asked = 0

        def __hash__(self) -> int:
            return 7

        def __eq__(self, other: object) -> bool:
            Counted.asked += 1
            return str.__eq__(self, other)

    matches = compile_conditions([check("name in lists.names", FIELDS)])
    # Texts whose hashes differ are never compared: the one that is asked for meets none of ten thousand.
    entries = frozenset(str(n) for n in range(10_000))
    assert matches({"name": Counted("x")}, {"lists.names": entries}) == 0
    assert Counted.asked < 20
    assert matches({"name": "9999"}, {"lists.names": entries}) == 1


def test_a_pattern_that_many_rules_share_is_looked_for_once_and_guarded_as_ever() -> None:
    shared = 'has(maybe.name) && maybe.name.matches("^a") && number > {}'
    matches = compile_conditions([check(shared.format(n), FIELDS) for n in range(3)])
    assert matches({"maybe.name": "ab", "number": 2}) == 0b011
    assert matches({"maybe.name": "b", "number": 2}) == 0
    assert matches({"number": 2}) == 0


ATOMS = st.sampled_from(
    ["a", "b", "ab", "^a", "b$", ".", "[ab]", "(ba)+", "a{2,3}", "(?i)A", "\\\\bb", "é", "b*$"]
)


@given(
    st.lists(st.lists(ATOMS, min_size=1, max_size=3).map("".join), min_size=2, max_size=12),
    st.lists(st.text("abAB é\ud800", max_size=12), min_size=1, max_size=6),
)
@settings(max_examples=200)
def test_patterns_searched_for_in_one_pass_are_found_where_each_alone_is(
    patterns: list[str], names: list[str]
) -> None:
    checked = [check(f'name.matches("{pattern}")', FIELDS) for pattern in patterns]
    together = compile_conditions(checked)
    alone = [compile_conditions([each]) for each in checked]
    for name in names:
        row = {"name": name}
        assert together(row) == sum(matches(row) << index for index, matches in enumerate(alone))


def test_large_patterns_by_the_hundred_are_all_searched_for() -> None:
    # More than one pass takes, each with as many states as its text has places.
    sources = [f'name.matches("x{n}(a|b)*a(a|b){{80}}c")' for n in range(100)]
    matches = compile_conditions([check(source, FIELDS) for source in sources])
    text = "ab" * 50
    row = {"name": " ".join(f"x{n}{text}a{text[:80]}c" for n in range(0, 100, 7))}
    assert matches(row) == sum(1 << n for n in range(0, 100, 7))


def test_half_a_character_that_a_network_sent_is_matched_as_some_character() -> None:
    matches = compile_conditions([check('name.matches("^a.b$")', FIELDS)])
    assert matches({"name": "a\ud800b"}) == 1


@given(st.integers(-1000, 1000), st.integers(1, 50))
def test_division_truncates_toward_zero_and_leaves_the_rest(dividend: int, divisor: int) -> None:
    assert quotient(dividend, divisor) * divisor + remainder(dividend, divisor) == dividend
    assert abs(remainder(dividend, divisor)) < divisor
    assert remainder(dividend, divisor) * dividend >= 0
    assert quotient(dividend, divisor) == quotient(abs(dividend), divisor) * (1 if dividend >= 0 else -1)


operands = st.tuples(st.integers(-40, 40), st.integers(-40, 40)).map(
    lambda pair: Bounds(min(pair), max(pair))
)


@given(st.sampled_from("+-*/%"), operands, operands, st.integers(1, 9), st.data())
def test_a_result_lies_within_the_bounds_that_were_foretold(
    symbol: str, left: Bounds, right: Bounds, divisor: int, data: st.DataObject
) -> None:
    if symbol in {"/", "%"}:
        right = Bounds(divisor, divisor)
    one, two = (data.draw(st.integers(each.low, each.high)) for each in (left, right))
    results = {"+": one + two, "-": one - two, "*": one * two}
    if symbol in {"/", "%"}:
        results = {"/": quotient(one, two), "%": remainder(one, two)}
    bounds = bounds_of(symbol, left, right)
    assert bounds.low <= results[symbol] <= bounds.high
