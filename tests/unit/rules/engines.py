"""Everything that can say what a condition is: our two back ends in Python, and three engines of others."""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import duckdb

from cardwright.rules.language.checker import Checked
from cardwright.rules.language.compile_python import compile_conditions
from cardwright.rules.language.compile_sql import DUCKDB, SPARK, compile_sql
from cardwright.rules.language.interpreter import Facts, interpret
from cardwright.rules.language.types import Base
from unit.rules.expressions import FIELDS, LISTS

Row: TypeAlias = list[object]
Engine: TypeAlias = Callable[[Sequence[Checked], Sequence[Facts]], list[Row]]
"""Answers every condition (a column) for every row; an engine's own error is a wrong answer."""

_SQL_TYPES: Final = {Base.INTEGER: "BIGINT", Base.TRUTH: "BOOLEAN", Base.TEXT: "VARCHAR"}


def compiled(conditions: Sequence[Checked], rows: Sequence[Facts]) -> list[Row]:
    """Answer with the generated function."""
    matches = compile_conditions(conditions)
    found = [matches(row, LISTS) for row in rows]
    return [[bool(bits >> index & 1) for index in range(len(conditions))] for bits in found]


def interpreted(conditions: Sequence[Checked], rows: Sequence[Facts]) -> list[Row]:
    """Answer with the interpreter that explanations use."""
    return [[interpret(each.tree, row, LISTS) for each in conditions] for row in rows]


def in_duckdb(conditions: Sequence[Checked], rows: Sequence[Facts]) -> list[Row]:
    """Answer with DuckDB."""
    columns = ", ".join(f'"{field.name}" {_SQL_TYPES[field.type.base]}' for field in FIELDS.fields)
    expressions = ", ".join(compile_sql(each, DUCKDB, LISTS).text for each in conditions)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE TABLE facts ({columns}, place INTEGER)")
        marks = ", ".join("?" * (len(FIELDS.names) + 1))
        values = [(*(row[name] for name in FIELDS.names), place) for place, row in enumerate(rows)]
        connection.executemany(f"INSERT INTO facts VALUES ({marks})", values)  # noqa: S608
        found = connection.execute(f"SELECT {expressions} FROM facts ORDER BY place").fetchall()  # noqa: S608
    return [list(row) for row in found]


class Cel:
    """Google's engine: the judge of what an expression means."""

    def __init__(self) -> None:
        from cel_expr_python import cel

        kinds = {Base.INTEGER: cel.Type.INT, Base.TRUTH: cel.Type.BOOL, Base.TEXT: cel.Type.STRING}
        several = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
        plain = {field.name: kinds[field.type.base] for field in FIELDS.fields if "." not in field.name}
        self._environment: Any = cel.NewEnv(variables={**plain, "maybe": several, "lists": several})
        self._lists = {name.removeprefix("lists."): list(entries) for name, entries in LISTS.items()}

    def __call__(self, conditions: Sequence[Checked], rows: Sequence[Facts]) -> list[Row]:
        """Answer with Google's engine."""
        programs = [self._environment.compile(each.source) for each in conditions]
        activations = [self._environment.Activation(self._variables(row)) for row in rows]
        return [[self._answer(program.eval(row)) for program in programs] for row in activations]

    def _variables(self, row: Facts) -> dict[str, object]:
        there = {name: value for name, value in row.items() if value is not None}
        maybe = {name.removeprefix("maybe."): value for name, value in there.items() if "." in name}
        plain = {name: value for name, value in there.items() if "." not in name}
        return {**plain, "maybe": maybe, "lists": self._lists}

    def _answer(self, result: Any) -> object:
        # An error is a value as well, and a truthy one: only its type tells.
        return result.value() if str(result.type()) == "BOOL" else str(result.value())


class Spark:
    """Spark in this process's own Java, with `matches` as the function that compile_sql asks for."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __call__(self, conditions: Sequence[Checked], rows: Sequence[Facts]) -> list[Row]:
        """Answer with Spark."""
        columns = ", ".join(f"`{field.name}` {_SQL_TYPES[field.type.base]}" for field in FIELDS.fields)
        schema = f"{columns}, place INT".replace("VARCHAR", "STRING")
        values = [(*(row[name] for name in FIELDS.names), place) for place, row in enumerate(rows)]
        self._session.createDataFrame(values, schema).coalesce(1).createOrReplaceTempView("facts")
        expressions = (compile_sql(each, SPARK, LISTS).text for each in conditions)
        named = ", ".join(f"{text} AS c{index}" for index, text in enumerate(expressions))
        found = self._session.sql(f"SELECT place, {named} FROM facts").collect()  # noqa: S608
        return [list(row)[1:] for row in sorted(found, key=lambda row: row[0])]
