import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.compile_python import compile_conditions
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.language.explain import explain
from cardwright.rules.language.interpreter import Facts
from cardwright.rules.language.patterns import MAX_PROGRAM_SIZE, program_size
from unit.rules.hostile import HOSTILE

SOUP = [
    "amount", "merchant.country", "holder.country", "has", "in", "true", "(", ")", "[", "]", ",", ".", "?",
    ":", "&&", "||", "!", "==", "!=", "<", ">=", "+", "-", "*", "/", "%", "1", "99999999999999999999", '"NG"',
    "'", '"', "\\", "startsWith", "matches", "lists", "r'", "\n", "\x00", "\ud800", "٣", "é", "//", "and",
    "null", "1.5", "\u2028",
]  # fmt: skip


def refusal(source: str) -> ExpressionError | None:
    try:
        check(source, AUTHORIZATION_FIELDS)
    except ExpressionError as error:
        return error
    return None


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_expression_is_refused_after_bounded_work(name: str) -> None:
    steps = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal steps
        steps += 1

    # Work is counted in calls and returns: seconds would say more about the machine than about the checker.
    sys.setprofile(count)
    try:
        assert refusal(HOSTILE[name]) is not None
    finally:
        sys.setprofile(None)
    assert steps < 400_000


def test_a_catastrophic_pattern_costs_what_its_text_is_long() -> None:
    [checked] = [check('merchant.name.matches("(a+)+$") && amount > 0', AUTHORIZATION_FIELDS)]
    matches = compile_conditions([checked])
    # A matcher that goes back and tries again would not be through this before the sun is cold.
    assert matches({"merchant.name": "a" * 100_000 + "b", "amount": 1}) == 0
    assert matches({"merchant.name": "a" * 100_000, "amount": 1}) == 1
    assert program_size("(a+)+$") < MAX_PROGRAM_SIZE


def test_the_widest_and_the_deepest_accepted_conditions_compile_and_explain() -> None:
    wide = " || ".join(["amount > 1"] * 500)
    deep = "(" * 45 + "amount > 1" + " && amount > 1)" * 45
    checked = [check(source, AUTHORIZATION_FIELDS) for source in (wide, deep)]
    facts: Facts = {"amount": 5, "currency": "EUR"}
    assert compile_conditions(checked)(facts) == 0b11
    assert all(explain(each, facts).endswith(": true") for each in checked)


@given(st.lists(st.sampled_from(SOUP), max_size=40).map(" ".join) | st.text(max_size=80))
@settings(max_examples=400)
def test_every_refusal_of_random_text_has_a_place_in_it(source: str) -> None:
    error = refusal(source)
    lines = source.split("\n")
    for diagnostic in error.diagnostics if error else ():
        assert 1 <= diagnostic.line <= len(lines)
        assert 1 <= diagnostic.column <= len(lines[diagnostic.line - 1]) + 1
        assert diagnostic.message
        text, caret = diagnostic.excerpt.split("\n")
        assert set(caret.strip()) == {"^"}
        assert (text + str(diagnostic)).encode()
