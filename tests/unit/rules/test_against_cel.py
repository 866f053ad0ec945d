"""The same conditions on the same facts, here and in Google's engine: the language is a subset of CEL."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardwright.rules.language.checker import check
from cardwright.rules.language.compile_python import compile_conditions
from cardwright.rules.language.types import FactValue
from unit.rules.expressions import FIELDS, conditions, facts

cel = pytest.importorskip("cel_expr_python.cel", reason="Google's CEL engine is not installed")

ENVIRONMENT = cel.NewEnv(
    variables={
        "number": cel.Type.INT,
        "count": cel.Type.INT,
        "flag": cel.Type.BOOL,
        "name": cel.Type.STRING,
        "country": cel.Type.STRING,
        "mcc": cel.Type.STRING,
        "maybe": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    }
)


def as_cel(row: dict[str, FactValue]) -> dict[str, object]:
    required = {name: value for name, value in row.items() if "." not in name}
    maybe = {name.removeprefix("maybe."): value for name, value in row.items() if "." in name}
    return {**required, "maybe": {name: value for name, value in maybe.items() if value is not None}}


@given(conditions(), st.lists(facts, min_size=1, max_size=6))
@settings(max_examples=400, deadline=None)
def test_every_condition_means_what_it_means_in_cel(source: str, rows: list[dict[str, FactValue]]) -> None:
    matches = compile_conditions([check(source, FIELDS)])
    oracle = ENVIRONMENT.compile(source)
    for row in rows:
        answer = oracle.eval(data=as_cel(row))
        assert str(answer.type()) == "BOOL", answer
        assert answer.value() is bool(matches(row))
