"""The audit trail as a sealed log: what its leaves are, and what an operator asks of it."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cardwright import sealing
from cardwright.audit import store
from cardwright.audit.domain import AuditEntry, leaf_of
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.sealing import (
    Begin,
    Checkpoint,
    ExportFormat,
    Finding,
    Head,
    SealedLog,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class TrailReport:
    """What was found in all trails; entries are `unsealed`, by id, for seconds only when all is well."""

    sealed: int
    erased: int
    findings: Sequence[Finding]
    unsealed: Sequence[str]


def _look(entry: AuditEntry) -> Iterator[str]:
    if entry.personal is not None and entry.personal.digest() != entry.personal_digest:
        yield "has another origin beside it than it commits to"


TRAIL: Final = SealedLog(
    ExportFormat("audit"),
    store.audit_entries,
    store.audit_seals,
    store.audit_checkpoints,
    store.read_entries,
    leaf_of,
    _look,
)


async def seal(work: Work) -> int:
    """Seal what the deployment's trail has gained and return how many entries that was."""
    return await sealing.seal(work, TRAIL)


async def verify(session: Session, keys: Sequence[Ed25519PublicKey] = ()) -> TrailReport:
    """Compare every entry, leaf and checkpoint; without keys signatures are not looked at."""
    report = await sealing.verify(session, TRAIL, keys)
    erased = await store.count_erased(session)
    return TrailReport(report.sealed, erased, report.findings, report.unsealed)


async def list_trails(session: Session) -> Sequence[str]:
    """Return the ids of the programs that have a trail."""
    return await sealing.list_trails(session, TRAIL)


async def get_head(session: Session, program_id: str) -> Head:
    """Return the newest checkpoint of a program; raise Conflict `audit_unsealed` before the first one."""
    return await sealing.get_head(session, TRAIL, program_id)


def export_lines(begin: Begin, head: Head) -> AsyncIterator[bytes]:
    """Yield the export up to a checkpoint: header, entries, checkpoint."""
    return sealing.export_lines(begin, TRAIL, head)


def verify_export(
    lines: Iterable[bytes], keys: Sequence[Ed25519PublicKey], *, since: Checkpoint | None = None
) -> Verdict:
    """Judge an export of the trail, given line by line, with the public keys alone."""
    return sealing.verify_export(TRAIL.format, lines, keys, since=since)
