"""`make fuzz-rules`: random conditions on random rows, until so many were answered by every engine alike."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from cardwright.rules.language.checker import Checked
from cardwright.rules.language.explain import explain
from cardwright.rules.language.interpreter import Facts
from spark import running_spark
from unit.rules.engines import Cel, Engine, Spark, compiled, in_duckdb, interpreted
from unit.rules.expressions import LISTS, Author, accepted, random_facts

ROWS: Final = 40
BATCH: Final = 250


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What one engine said of a condition and a row, and what Google's did."""

    engine: str
    source: str
    row: Facts
    said: object
    judged: object


def batches(random: Random, expressions: int) -> Iterator[tuple[list[Checked], list[Facts]]]:
    """Return conditions and rows, a batch at a time."""
    author, left = Author(random), expressions
    while left:
        conditions: list[Checked] = []
        while len(conditions) < min(BATCH, left):
            found = accepted(author.condition())
            conditions += [found] if found else []
        left -= len(conditions)
        yield conditions, [random_facts(random) for _ in range(ROWS)]


def disagreements(
    engines: Mapping[str, Engine], judge: Engine, conditions: Sequence[Checked], rows: Sequence[Facts]
) -> list[Disagreement]:
    """Return every answer that is not the judge's, and every explanation that ends in another one."""
    judged = judge(conditions, rows)
    found = [
        Disagreement(name, condition.source, row, said, right)
        for name, engine in engines.items()
        for row, answers, rights in zip(rows, engine(conditions, rows), judged, strict=True)
        for condition, said, right in zip(conditions, answers, rights, strict=True)
        if said is not right
    ]
    # One row of each condition: an explanation costs as much as forty answers.
    for index, condition in enumerate(conditions):
        row, right = rows[index % len(rows)], judged[index % len(rows)][index]
        text = explain(condition, row, LISTS)
        if not text.endswith(": true" if right else ": false"):
            found.append(Disagreement("explanation", condition.source, row, text, right))
    return found


def main(
    expressions: Annotated[int, typer.Argument(min=1)] = 50_000,
    seed: Annotated[int, typer.Option()] = 1,
    spark: Annotated[bool, typer.Option()] = True,
) -> None:
    """Compare; the exit status is 1 when anything disagrees."""
    console, found, held = Console(), [], 0
    engines: dict[str, Engine] = {"Python": compiled, "interpreter": interpreted, "DuckDB": in_duckdb}
    columns = (
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with ExitStack() as stack:
        if spark:
            engines["Spark"] = Spark(stack.enter_context(running_spark()))
        progress = stack.enter_context(Progress(*columns, console=console))
        task = progress.add_task("expressions", total=expressions)
        judge = Cel()
        for conditions, rows in batches(Random(seed), expressions):  # noqa: S311 - a seed makes it repeatable
            found += disagreements(engines, judge, conditions, rows)
            held += sum(map(sum, compiled(conditions, rows)))
            progress.advance(task, len(conditions))
            if not console.is_terminal:
                done = f"{progress.tasks[task].completed:,.0f}"
                console.print(f"{done} expressions, {len(found)} disagreements")
    for each in found[:20]:
        console.print(each)
    answers = f"{expressions * ROWS:,} answers, {held:,} of them true"
    console.print(f"{expressions:,} expressions on {ROWS} rows each, {answers}")
    console.print(f"{', '.join(engines)} and Google's CEL disagree {len(found)} times")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    typer.run(main)
