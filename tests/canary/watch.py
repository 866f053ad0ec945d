"""Sees to it that a whole run of the tests leaves no card number in clear, wherever it wrote.

Looked at are the log ahead of the run's PostgreSQL as it grows, so that rows wiped long ago count too, its
files and its log at the end, every file below the run's temporary folder (logs of processes, Valkey, the data
of demos), what each simulator was told and told itself, and what tests and the code under them printed.
"""

import shlex
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from canary import ranges
from canary.ranges import Found, find_in, find_in_file
from simulator import inbox
from simulator.objects import ObjectStore
from simulator.stripe import cardholders, events
from simulator.twilio import delivery
from simulator.world import DATABASE_NAME

_NOT_THE_ISSUERS: Final = (inbox.KIND, delivery.KIND, events.KIND, cardholders.KIND)
"""What simulators keep of what reached them and of webhooks; as issuers they have to know their numbers."""
_KEPT: Final = "segments-with-numbers"
_printed: Final[list[Found]] = []
_on_purpose: Final[set[Path]] = set()


def write_on_purpose(folder: Path) -> Path:
    """Return a folder that is not looked at: a test plants numbers there, to show that they are found."""
    _on_purpose.add(folder.resolve())
    return folder


def watched_settings(folder: Path) -> Mapping[str, str]:
    """Return settings with which a PostgreSQL keeps every segment that holds a number in its folder."""
    program = shlex.join([sys.executable, "-I", ranges.__file__])
    return {"archive_mode": "on", "archive_command": f'{program} "%p" {shlex.quote(str(folder / _KEPT))}'}


async def write_in_clear(connection: asyncpg.Connection) -> None:
    """Have a database write long values as they are: in a compressed one no number would be seen."""
    columns = await connection.fetch(
        "SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE EXTERNAL', attrelid::regclass, attname)"
        " FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE attstorage IN ('x', 'm') AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped"
        " AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
    )
    await connection.execute(";".join(statement for [statement] in columns))


def listen(report: pytest.TestReport) -> None:
    """Remember the numbers in what was captured while a test ran."""
    for title, text in report.sections:
        _printed.extend(find_in(f"{title} of {report.nodeid}", text.encode()))


def refuse_numbers_in_print_and_folder(folder: Path) -> None:
    """Fail where a number was printed since the run began, or is in a file of a folder; tell of both."""
    _refuse([*_printed, *_look_in_folder(folder)])


def refuse_numbers_in_folder(folder: Path) -> None:
    """Fail where a file of a folder, or of a folder in it, holds a number."""
    _refuse(_look_in_folder(folder))


def refuse_numbers_in_simulator(objects: ObjectStore) -> None:
    """Fail where a number reached a simulator, or left it in a webhook."""
    kept = ((kind, it) for kind in _NOT_THE_ISSUERS for it in objects.scan(kind))
    _refuse(found for kind, it in kept for found in find_in(f"{kind} of a simulator", repr(it).encode()))


def _look_in_folder(folder: Path) -> Iterator[Found]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    for path in paths:
        if not any(planted in path.resolve().parents for planted in _on_purpose):
            yield from _look(path, str(path.relative_to(folder)))


def _look(path: Path, place: str) -> Iterator[Found]:
    if path.name == DATABASE_NAME:
        yield from _look_in_simulator(path, place)
    elif not path.name.startswith(DATABASE_NAME):
        yield from find_in_file(path, place)


def _look_in_simulator(path: Path, place: str) -> Iterator[Found]:
    with closing(sqlite3.connect(path)) as database:
        for kind, body in database.execute("SELECT kind, body FROM object"):
            if kind in _NOT_THE_ISSUERS:
                yield from find_in(f"{place}, {kind}", body.encode())


def _refuse(found: Iterable[Found]) -> None:
    told = [f"{it.place}: {it.spelling} at {it.offset}" for it in found]
    if told:
        pytest.fail("card numbers in clear:\n" + "\n".join(told), pytrace=False)
