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

SOUP = [
    "amount", "merchant.country", "holder.country", "has", "in", "true", "(", ")", "[", "]", ",", ".", "?",
    ":", "&&", "||", "!", "==", "!=", "<", ">=", "+", "-", "*", "/", "%", "1", "99999999999999999999", '"NG"',
    "'", '"', "\\", "startsWith", "\n", "\x00", "\ud800", "٣", "é", "//", "and", "null", "1.5", "\u2028",
]  # fmt: skip

HOSTILE = {
    "deep brackets": "(" * 300_000,
    "deep brackets that close": "(" * 900 + "amount > 1" + ")" * 900,
    "long sum": "1" + "+1" * 50_000 + " > amount",
    "sum within the token limit": "1" + "+1" * 990 + " > amount",
    "long disjunction": " || ".join(["amount > 1"] * 20_000),
    "signs": "-" * 1990 + "amount > 1",
    "negations": "!" * 1990 + "(amount > 1)",
    "nested choices": "amount > 1 ? true : " * 390 + "false",
    "brackets of sums": "(" * 49 + "1" + "+1" * 49 + ("+1" * 18 + ")") * 49 + " > amount",
    "long name": "a" * 100_000,
    "long near name": "merchant.countr" * 1300,
    "long number": "9" * 100_000 + " > amount",
    "long text": 'merchant.name == "' + "a" * 100_000 + '"',
    "open text with escapes": '"' + "\\a" * 9_000,
    "unknown names": " || ".join(f"amuont{n}" for n in range(900)),
    "tests on tests": "merchant.name" + ".contains('a')" * 190,
    "only newlines": "\n" * 19_999 + "£",
    "comments": "//" * 9_999,
    "one long list": f"merchant.name in [{','.join(['1'] * 990)}]",
}


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
