"""Exported history: private files, written once, bounded, and right whatever was written before."""

import stat
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import provided_for_tests
from cardwright import backtests
from cardwright.backtests import Room
from cardwright.backtests.exporting import folder_of
from cardwright.core.clock import Clock, MovableClock
from cardwright.db.jobs import Work
from cardwright.programs import Program
from integration.backtests import past


def ids(files: backtests.Exported) -> list[tuple[int, str]]:
    listed = [str(file) for file in files.authorizations]
    return duckdb.sql(f"SELECT h_row, h_decision FROM read_parquet({listed}) ORDER BY h_row").fetchall()  # noqa: S608


async def test_history_is_written_in_parts_and_only_what_is_new_is_written_again(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, count=12)
    first, told = await past.exported(engine, lived.program_id, tmp_path, part_rows=5)
    assert told == [(0, 12), (5, 12), (10, 12), (12, 12)]
    written = {file: file.stat().st_mtime_ns for file in first.authorizations}
    asked = past.asking(lived.people[0], "later")
    later = await past.authorize(engine, lived.program_id, asked, clock.now())
    second, told = await past.exported(engine, lived.program_id, tmp_path, part_rows=5)
    assert told == [(10, 13), (13, 13)]
    assert [written.get(file) for file in second.authorizations[:2]] == [*written.values()][:2]
    assert ids(second) == [*enumerate([*(it.id for it in lived.decisions), later.id])]
    assert len(list(folder_of(Room(tmp_path), lived.program_id).iterdir())) == 3


async def test_parts_that_lack_something_are_written_anew(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, count=12)
    files, _ = await past.exported(engine, lived.program_id, tmp_path, part_rows=5)
    files.authorizations[0].unlink()
    again, told = await past.exported(engine, lived.program_id, tmp_path, part_rows=5)
    assert told[0] == (0, 12)
    assert ids(again) == [*enumerate(it.id for it in lived.decisions)]


async def test_nobody_else_may_read_what_is_written(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, count=6)
    files, _ = await past.exported(engine, lived.program_id, tmp_path / "made")
    folder = folder_of(Room(tmp_path / "made"), lived.program_id)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.authorizations} == {0o600}
    for made in (folder, folder.parent, folder.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert b"@example.com" not in kept


async def test_texts_come_through_as_they_are(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, count=25)
    files, _ = await past.exported(engine, lived.program_id, tmp_path)
    listed = [str(file) for file in files.authorizations]
    names = ["amount", "currency", "kind", "channel", "merchant.name", "merchant.country", "merchant.city"]
    quoted = ", ".join(f'"{name}"' for name in names)
    rows = duckdb.sql(f"SELECT {quoted} FROM read_parquet({listed}) ORDER BY h_row").fetchall()  # noqa: S608
    assert rows == [tuple(it.facts.fields[name] for name in names) for it in lived.decisions]
    cities = {row[-1] for row in rows}
    assert {"", None, "Springfield"} <= cities


async def test_history_that_no_run_needed_for_a_day_is_deleted(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    provided = await provided_for_tests(engine, clock)
    room = Room(tmp_path)
    work = Work(engine, clock, {**provided, Room: room})
    program_id = provided[Program].id
    await past.exported(engine, program_id, tmp_path)
    (tmp_path / program_id / "work-lost").mkdir()
    request = past.request(past.flagging("all", "amount >= 0"))
    async with work.transaction() as session:
        await backtests.request_run(session, program_id, request, by="somebody", at=work.get(Clock).now())
    await backtests.forget_history(work)
    assert (tmp_path / program_id).exists()
    await backtests.run_due(work)
    clock.advance(timedelta(hours=23))
    await backtests.forget_history(work)
    assert (tmp_path / program_id).exists()
    clock.advance(timedelta(hours=2))
    await backtests.forget_history(work)
    assert not (tmp_path / program_id).exists()


@pytest.mark.parametrize("left", ["draft.csv", "draft.parquet", "labels.csv"])
async def test_what_a_lost_worker_left_half_written_is_no_history(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path, left: str
) -> None:
    lived = await past.lived(engine, clock, count=3)
    folder = folder_of(Room(tmp_path), lived.program_id)
    (folder / left).write_text("half of a line")
    files, _ = await past.exported(engine, lived.program_id, tmp_path)
    assert ids(files) == [*enumerate(it.id for it in lived.decisions)]
    assert not (folder / left).exists()
