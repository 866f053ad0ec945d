"""A process of its own for what computes: it can be stopped at any instant, and its memory is its own.

It reads one line of JSON, the assignment, and writes lines: how many steps are done, and at last what was
found or why nothing was. It ends with whoever started it, because then its standard input ends.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cardwright.backtests.duckdb_engine import open_duckdb
from cardwright.backtests.engines import Room
from cardwright.backtests.evaluation import evaluate
from cardwright.backtests.exporting import Exported
from cardwright.backtests.planning import findings_to_json, plan_of
from cardwright.backtests.run import Request, request_from_json, request_to_json
from cardwright.rules import ListContent, ListKind

COMMAND: Final = (sys.executable, "-P", "-c", "from cardwright.backtests.computing import main; main()")
_LONGEST_LINE: Final = 64 * 1024 * 1024
_LONGEST_FAILURE: Final = 300
_BEAT_SECONDS: Final = 0.5
_ORPHANED: Final = 3
Beat = Callable[[int, int], Awaitable[None]]
"""Hears twice a second how many steps of how many are done; what it raises stops the process."""


class ComputingFailed(Exception):
    """The process found nothing; the message says why, for staff."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """All that is needed to compute: the request, what the lists hold that it reads, files, and room."""

    request: Request
    lists: Sequence[ListContent]
    exported: Exported
    room: Room

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(
            {
                "request": request_to_json(self.request),
                "lists": [asdict(it) for it in self.lists],
                "authorizations": [str(file) for file in self.exported.authorizations],
                "labels": [str(file) for file in self.exported.labels],
                "room": {**asdict(self.room), "folder": str(self.room.folder)},
            }
        )

    @classmethod
    def from_json(cls, line: str) -> "Assignment":
        """Read back what `to_json` wrote."""
        stored = json.loads(line)
        lists = [ListContent(it["name"], ListKind(it["kind"]), tuple(it["values"])) for it in stored["lists"]]
        exported = Exported(*([Path(file) for file in stored[name]] for name in ("authorizations", "labels")))
        room = Room(**{**stored["room"], "folder": Path(stored["room"]["folder"])})
        return cls(request_from_json(stored["request"]), lists, exported, room)


async def compute(assignment: Assignment, beat: Beat) -> Mapping[str, Any]:
    """Have an assignment computed, and return what was found as JSON; raise ComputingFailed.

    Whatever ends this, the process ends with it.
    """
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101 - asked for
    assert process.stdout is not None  # noqa: S101 - asked for
    try:
        process.stdin.write(assignment.to_json().encode() + b"\n")
        with suppress(ConnectionError):
            await process.stdin.drain()
        return await _heard(process.stdout, beat)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _heard(lines: asyncio.StreamReader, beat: Beat) -> Mapping[str, Any]:
    steps, of = 0, 0
    reading = asyncio.ensure_future(lines.readline())
    try:
        while True:
            await asyncio.wait([reading], timeout=_BEAT_SECONDS)
            await beat(steps, of)
            if not reading.done():
                continue
            said = json.loads(
                reading.result() or b'{"failure": "The process ended before it had an answer."}'
            )
            if "failure" in said:
                raise ComputingFailed(said["failure"])
            if "findings" in said:
                found: Mapping[str, Any] = said["findings"]
                return found
            steps, of = said["steps"], said["of"]
            reading = asyncio.ensure_future(lines.readline())
    finally:
        reading.cancel()


def main() -> None:
    """Compute what standard input assigns."""
    os.umask(0o077)
    assignment = Assignment.from_json(sys.stdin.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        plan = plan_of(assignment.request, assignment.lists)
        exported = assignment.exported
        with open_duckdb(exported.authorizations, exported.labels, assignment.room) as engine:
            findings = evaluate(engine, plan, lambda steps, of: _say(steps=steps, of=of))
    except Exception as error:  # noqa: BLE001 - whoever waits has to be told
        _say(failure=f"{type(error).__name__}: {error}"[:_LONGEST_FAILURE])
    else:
        _say(findings=findings_to_json(findings))


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _end_with_the_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(_ORPHANED)
