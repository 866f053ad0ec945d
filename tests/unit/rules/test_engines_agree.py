"""The same conditions on the same facts, here and elsewhere: the language is a subset of CEL."""

from collections.abc import Iterator
from random import Random

import pytest

from optional import do_without
from spark import running_spark
from unit.rules.engines import Cel, Engine, Spark, compiled, in_duckdb, interpreted
from unit.rules.fuzzing import batches, disagreements


@pytest.fixture(scope="module")
def cel() -> Engine:
    try:
        return Cel()
    except ImportError:
        do_without("Google's CEL engine has no package for this machine")


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    with running_spark() as session:
        yield Spark(session)


def test_our_back_ends_and_duckdb_answer_what_cel_answers(cel: Engine) -> None:
    engines = {"Python": compiled, "interpreter": interpreted, "DuckDB": in_duckdb}
    for conditions, rows in batches(Random(7), 500):  # noqa: S311
        assert disagreements(engines, cel, conditions, rows) == []


def test_spark_answers_what_python_answers(spark: Engine) -> None:
    for conditions, rows in batches(Random(8), 250):  # noqa: S311
        assert disagreements({"Spark": spark}, compiled, conditions, rows) == []
