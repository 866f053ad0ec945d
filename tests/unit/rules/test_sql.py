import duckdb
import pytest

from cardwright.rules.language.checker import check
from cardwright.rules.language.compile_sql import DUCKDB, SPARK, Dialect, compile_sql
from unit.rules.expressions import FIELDS, LISTS


@pytest.mark.parametrize(
    ("dialect", "number", "text"),
    [
        (DUCKDB, '("number" // CAST(2 AS BIGINT)) > CAST(3 AS BIGINT)', r"""("name" <> 'it''s ${a}\')"""),
        (SPARK, "(`number` div 2L) > 3L", r"""(`name` <> 'it\'s \u0024{a}\\')"""),
    ],
    ids=["duckdb", "spark"],
)
def test_everything_is_spelt_as_the_engine_spells_it(dialect: Dialect, number: str, text: str) -> None:
    condition = check(r"""number / 2 > 3 && name != "it's ${a}\\" """, FIELDS)
    assert compile_sql(condition, dialect).text == f"(({number}) AND {text})"


def test_a_list_is_written_out_and_an_empty_one_holds_nothing() -> None:
    condition = check("country in lists.countries || name in lists.nothing", FIELDS)
    written = compile_sql(condition, DUCKDB, LISTS)
    assert written.text == """(("country" IN ('FR', 'NG')) OR FALSE)"""
    assert [field.name for field in written.fields] == ["country", "name"]


def test_a_missing_value_makes_no_answer_missing() -> None:
    condition = check("!has(maybe.number) || maybe.number in lists.numbers", FIELDS)
    written = compile_sql(condition, DUCKDB, LISTS).text
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE facts ("maybe.number" BIGINT)')
        connection.execute("INSERT INTO facts VALUES (NULL), (3), (4)")
        found = connection.execute(f"SELECT {written} FROM facts").fetchall()  # noqa: S608
    assert found == [(True,), (True,), (False,)]
