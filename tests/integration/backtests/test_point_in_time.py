"""Velocity counted anew is what the live path stored, for every authorization and every field."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import backtests
from cardwright.backtests import Engine, Exported, Room
from cardwright.backtests.duckdb_engine import DuckDbEngine
from cardwright.backtests.engines import DUCKDB_WORDS, Words
from cardwright.core.clock import MovableClock
from integration.backtests import past
from integration.backtests.past import ALL_VELOCITY, Past, stored_velocity


class DuckDbThatDoesNotSlide(DuckDbEngine):
    """Counts as engines do whose windows do not slide."""

    @property
    def words(self) -> Words:
        return replace(DUCKDB_WORDS, slides=False)


def recomputed(engine: Engine, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Ask an engine, and return what it counted by decision."""
    backtests.evaluate(engine, backtests.plan_of(past.request(*past.watching(names)), ()))
    quoted = ", ".join(f"asked.{engine.words.conditions.quoted_name(name)}" for name in names)
    found = engine.rows(
        f"SELECT a.h_decision, {quoted} FROM asked JOIN authorizations AS a ON a.h_row = asked.h_row"  # noqa: S608
    )
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}


@contextmanager
def opened(kind: type[DuckDbEngine], files: Exported, folder: Path) -> Iterator[Engine]:
    with backtests.open_duckdb(files.authorizations, files.labels, Room(folder)) as engine:
        yield kind(engine._connection)


async def test_velocity_counted_anew_is_what_was_stored(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, rules=past.watching(), count=50)
    files, _ = await past.exported(engine, lived.program_id, tmp_path)
    for kind in (DuckDbEngine, DuckDbThatDoesNotSlide):
        with opened(kind, files, tmp_path) as asked:
            ensure_same(lived, recomputed(asked, ALL_VELOCITY))


def ensure_same(lived: Past, counted: Mapping[str, Mapping[str, Any]]) -> None:
    outcomes = {it.is_approved for it in lived.decisions}
    assert outcomes == {True, False}
    assert any(it.partial_amount for it in lived.decisions)
    assert {it.kind for it in lived.decisions} == {"authorization", "increment"}
    assert any(it.card_id is None for it in lived.decisions)
    assert len(counted) == len(lived.decisions)
    differences = [
        (it.id, name, value, counted[it.id][name])
        for it in lived.decisions
        for name, value in stored_velocity(it).items()
        if counted[it.id][name] != value
    ]
    assert differences == []
    assert sum(len(stored_velocity(it)) for it in lived.decisions) == len(lived.decisions) * len(ALL_VELOCITY)
