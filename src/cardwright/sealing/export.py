"""Writing what was sealed as canonical JSON Lines that verify with the public key alone."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import rfc8785

from cardwright.core.errors import Conflict
from cardwright.db.session import Session
from cardwright.sealing import store
from cardwright.sealing.log import SealedLog
from cardwright.sealing.store import Head, Seal, StoredCheckpoint
from cardwright.sealing.verifier import Checkpoint, read_checkpoint

E = TypeVar("E")
Begin = Callable[[], AbstractAsyncContextManager[Session]]


async def get_head(session: Session, log: SealedLog[E], program_id: str) -> Head:
    """Return the newest checkpoint of a program; raise Conflict `…_unsealed` before the first one."""
    head = await store.find_head(session, log, program_id)
    if head is None:
        raise Conflict(
            f"{log.format.log}_unsealed", "Nothing has been sealed yet; try again in a few seconds."
        )
    return head


async def export_lines(
    begin: Begin, log: SealedLog[E], head: Head, *, advance: Callable[[int], object] | None = None
) -> AsyncIterator[bytes]:
    """Yield the export up to a checkpoint: header, entries, checkpoint; one piece per page of entries.

    `advance` is told how many entries each piece had. Each page of entries has a transaction of its own, so
    that a slow reader holds none open: what lies below a checkpoint does not change.
    """
    signed = read_checkpoint(head.note)
    header = {
        "format": log.format.name,
        "key_id": signed.key_id.hex(),
        "origin": signed.origin,
        "program_id": head.program_id,
        "size": signed.size,
    }
    yield _line(header)
    after = -1
    while after + 1 < signed.size:
        marks: Sequence[StoredCheckpoint] = ()
        async with begin() as session:
            page = await store.seals_page(session, log, head.program_id, after=after, until=signed.size)
            if page and log.format.is_marked:
                low, high = after + 1, min(page[-1].index + 1, signed.size - 1)
                marks = await store.checkpoints_between(session, log, head.program_id, low, high)
        if not page:
            break
        yield _written(log, page, {mark.size: mark.note for mark in marks})
        after = page[-1].index
        if advance is not None:
            advance(len(page))
    yield _line({"checkpoint": head.note})


def exported_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that an export ends with, not checked; raise ValueError when there is none."""
    last = json.loads(text.splitlines()[-1])
    return read_checkpoint(str(last.get("checkpoint")) if isinstance(last, dict) else "")


def _written(log: SealedLog[E], page: Sequence[Seal[E]], notes: Mapping[int, str]) -> bytes:
    lines = []
    for seal in page:
        # A row that is gone is shown as such: hiding it would be for the verifier to find out the hard way.
        entry = None if seal.entry is None else log.leaf_of(seal.entry)
        lines.append(_line({"entry": entry, "index": seal.index, "leaf_hash": seal.leaf_hash.hex()}))
        if seal.index + 1 in notes:
            lines.append(_line({"checkpoint": notes[seal.index + 1]}))
    return b"".join(lines)


def _line(value: dict[str, Any]) -> bytes:
    return rfc8785.dumps(value) + b"\n"
