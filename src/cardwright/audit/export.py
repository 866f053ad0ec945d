"""Writing the sealed trail as canonical JSON Lines that verify with the public key alone."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import rfc8785

from cardwright.audit import seal_store
from cardwright.audit.domain import leaf_of
from cardwright.audit.seal_store import Head, Seal
from cardwright.audit.verifier import FORMAT, Checkpoint, read_checkpoint
from cardwright.core.errors import Conflict
from cardwright.db.session import Session

Begin = Callable[[], AbstractAsyncContextManager[Session]]


async def get_head(session: Session, program_id: str) -> Head:
    """Return the newest checkpoint of a program; raise Conflict `audit_unsealed` before the first one."""
    head = await seal_store.find_head(session, program_id)
    if head is None:
        raise Conflict("audit_unsealed", "Nothing has been sealed yet; try again in a few seconds.")
    return head


async def export_lines(begin: Begin, head: Head) -> AsyncIterator[bytes]:
    """Yield the export up to a checkpoint: header, entries, checkpoint.

    Each page of entries has a transaction of its own, so that a slow reader holds none open: what lies below
    a checkpoint does not change.
    """
    signed = read_checkpoint(head.note)
    header = {
        "format": FORMAT,
        "key_id": signed.key_id.hex(),
        "origin": signed.origin,
        "program_id": head.program_id,
        "size": signed.size,
    }
    yield _line(header)
    after = -1
    while after + 1 < signed.size:
        async with begin() as session:
            page = await seal_store.seals_page(session, head.program_id, after=after, until=signed.size)
        if not page:
            break
        yield b"".join(_line(_sealed(seal)) for seal in page)
        after = page[-1].index
    yield _line({"checkpoint": head.note})


def exported_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that an export ends with, not checked; raise ValueError when there is none."""
    last = json.loads(text.splitlines()[-1])
    return read_checkpoint(str(last.get("checkpoint")) if isinstance(last, dict) else "")


def _sealed(seal: Seal) -> dict[str, Any]:
    # A row that is gone is shown as such: hiding it would be for the verifier to find out the hard way.
    entry = leaf_of(seal.entry) if seal.entry else None
    return {"entry": entry, "index": seal.index, "leaf_hash": seal.leaf_hash.hex()}


def _line(value: dict[str, Any]) -> bytes:
    return rfc8785.dumps(value) + b"\n"
