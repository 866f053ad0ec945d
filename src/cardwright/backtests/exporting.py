"""History as Parquet files: written once, part by part, and used again as long as they are all there is.

Authorizations are only ever added. So parts whose rows are as many as the database has up to the last of them
are right, and only what is newer is written; else all is written anew. The last part is seldom full and is
written anew as well. DuckDB writes the files, as it is there anyway; PostgreSQL streams them as CSV.
"""

import asyncio
import csv
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cardwright import payments
from cardwright.backtests.duckdb_engine import convert, convert_labels
from cardwright.backtests.engines import Room
from cardwright.backtests.history import FINGERPRINT
from cardwright.backtests.labels import latest_labels
from cardwright.db.session import Session

PART_ROWS: Final = 100_000
Transactions = Callable[[], AbstractAsyncContextManager[Session]]
Tell = Callable[[int, int], Awaitable[None]]
"""Hears how many authorizations of how many are written; what it raises ends the export."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of a program's history."""

    authorizations: Sequence[Path]
    labels: Sequence[Path]


@dataclass(frozen=True, slots=True)
class _Part:
    """A file with so many authorizations, numbered from `first` on, the last of them `last_id`."""

    first: int
    rows: int
    last_id: str

    @property
    def name(self) -> str:
        return f"part-{self.first:012}-{self.rows}-{self.last_id}.parquet"

    @classmethod
    def of(cls, file: Path) -> "_Part":
        _, first, rows, last_id = file.name.removesuffix(".parquet").split("-", 3)
        return cls(int(first), int(rows), last_id)


def folder_of(room: Room, program_id: str) -> Path:
    """Return where a program's history is kept; only this user may look into it."""
    folder = room.folder / program_id / FINGERPRINT
    for made in (room.folder, room.folder / program_id, folder):
        made.mkdir(mode=0o700, exist_ok=True, parents=made is room.folder)
    return folder


async def export(
    transactions: Transactions, program_id: str, room: Room, tell: Tell, *, part_rows: int = PART_ROWS
) -> Exported:
    """Bring a program's files up to date, and write its labels; memory does not grow with the history."""
    folder = folder_of(room, program_id)
    async with transactions() as session:
        parts, of = await _still_right(session, program_id, folder, part_rows)
    done = sum(it.rows for it in parts)
    await tell(done, of)
    last = parts[-1].last_id if parts else ""
    while True:
        async with transactions() as session:
            until = await payments.last_of_batch(session, program_id, after=last, most=part_rows)
            if until is None:
                break
            part = await _write(session, folder, program_id, room, _Part(done, 0, until), after=last)
        parts = [*parts, part]
        done, last = done + part.rows, until
        await tell(done, max(done, of))
    async with transactions() as session:
        labels = await _write_labels(session, folder, program_id, room)
    return Exported([folder / it.name for it in parts], labels)


def remove(room: Room, program_id: str) -> None:
    """Delete all that is kept of a program's history."""
    shutil.rmtree(room.folder / program_id, ignore_errors=True)


async def _still_right(
    session: Session, program_id: str, folder: Path, part_rows: int
) -> tuple[list[_Part], int]:
    """Return the full parts that hold all there is up to their last row, and how many rows there are."""
    files = _begun_files(folder)
    found = [_Part.of(file) for file in files]
    full = [it for place, it in enumerate(found) if it.rows == part_rows and it.first == place * part_rows]
    of, known = await payments.count_history(session, program_id, until=full[-1].last_id if full else "")
    if known != sum(it.rows for it in full):
        full = []
    for file, part in zip(files, found, strict=True):
        if part not in full:
            file.unlink()
    return full, of


def _begun_files(folder: Path) -> Sequence[Path]:
    """Return the parts that there are, and delete what is none: a lost worker may have left it."""
    for file in folder.iterdir():
        if not file.name.startswith("part-"):
            file.unlink()
    return sorted(folder.glob("part-*.parquet"))


async def _write(
    session: Session, folder: Path, program_id: str, room: Room, part: _Part, *, after: str
) -> _Part:
    draft, copied = folder / "draft.parquet", folder / "draft.csv"
    try:
        _make_private(copied)
        _make_private(draft)
        await payments.copy_history(session, copied, program_id=program_id, after=after, until=part.last_id)
        rows = await asyncio.to_thread(convert, copied, draft, part.first, room)
        written = replace(part, rows=rows)
        draft.chmod(0o600)
        draft.rename(folder / written.name)
    finally:
        copied.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    return written


async def _write_labels(session: Session, folder: Path, program_id: str, room: Room) -> Sequence[Path]:
    copied, file = folder / "labels.csv", folder / "labels.parquet"
    file.unlink(missing_ok=True)
    labels = await latest_labels(session, program_id)
    if not labels:
        return []
    try:
        _make_private(copied)
        _make_private(file)
        with copied.open("w", newline="") as opened:
            csv.writer(opened, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(labels.items())
        await asyncio.to_thread(convert_labels, copied, file, room)
        file.chmod(0o600)
    finally:
        copied.unlink(missing_ok=True)
    return [file]


def _make_private(file: Path) -> None:
    """Make an empty file that nobody else can read, before anything is in it."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
