"""Comparing the rows of the database with what was sealed and signed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cardwright.audit import seal_store
from cardwright.audit.domain import AuditEntry, leaf_bytes
from cardwright.audit.merkle import Tree, leaf_hash
from cardwright.audit.seal_store import Seal, StoredCheckpoint
from cardwright.audit.verifier import is_signed, origin_of, read_checkpoint
from cardwright.db.session import Session


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed: `subject` is an entry, a leaf or a checkpoint."""

    subject: str
    what: str


@dataclass(slots=True)
class TrailReport:
    """What was found in all trails; entries are `unsealed`, by id, for seconds only when all is well."""

    sealed: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list)
    unsealed: list[str] = field(default_factory=list)


async def verify(session: Session, keys: Sequence[Ed25519PublicKey] = ()) -> TrailReport:
    """Compare every entry, leaf and checkpoint of every program; without keys signatures are not looked at.

    What nobody but an outsider can tell is a trail that was rolled back as a whole: keep a checkpoint
    elsewhere, and verify an export against it.
    """
    report = TrailReport()
    for program_id in await seal_store.list_trails(session):
        await _verify_trail(session, program_id, keys, report)
        report.unsealed += await seal_store.unsealed_ids(session, program_id)
    return report


async def _verify_trail(
    session: Session, program_id: str, keys: Sequence[Ed25519PublicKey], report: TrailReport
) -> None:
    head = await seal_store.find_head(session, program_id)
    tree, after, size = Tree(), -1, head.tree.size if head else 0
    while page := await seal_store.seals_page(session, program_id, after=after, until=size):
        checkpoints = await seal_store.checkpoints_between(session, program_id, tree.size, page[-1].index + 1)
        by_size = {checkpoint.size: checkpoint for checkpoint in checkpoints}
        for seal in page:
            if seal.index != after + 1:
                report.findings.append(
                    Finding(f"leaf {after + 1}", f"is missing, with all before {seal.index}")
                )
            report.findings += _of_entry(seal)
            report.erased += _is_erased(seal.entry)
            after = seal.index
            tree.append(seal.leaf_hash)
            if seal.index + 1 in by_size:
                report.findings += _of_checkpoint(by_size.pop(seal.index + 1), tree, keys)
    report.sealed += tree.size
    if after + 1 != size:
        report.findings.append(Finding(f"leaf {after + 1}", f"is missing, with all before {size}"))


def _of_entry(seal: Seal) -> Iterator[Finding]:
    if seal.entry is None:
        yield Finding(seal.entry_id, f"is gone, and was sealed as leaf {seal.index}")
        return
    entry, personal = seal.entry, seal.entry.personal
    if leaf_hash(leaf_bytes(entry)) != seal.leaf_hash:
        yield Finding(entry.id, f"is not what was sealed as leaf {seal.index}")
    if personal is not None and personal.digest() != entry.personal_digest:
        yield Finding(entry.id, "has another origin beside it than it commits to")


def _is_erased(entry: AuditEntry | None) -> bool:
    return entry is not None and entry.personal is None and entry.personal_digest is not None


def _of_checkpoint(row: StoredCheckpoint, tree: Tree, keys: Sequence[Ed25519PublicKey]) -> Iterator[Finding]:
    subject = f"checkpoint of {row.size}"
    try:
        signed = read_checkpoint(row.note)
    except ValueError as error:
        yield Finding(subject, str(error))
        return
    if keys and not is_signed(signed, keys):
        yield Finding(subject, "is not signed by the key")
    if (signed.origin, signed.size) != (origin_of(row.program_id), row.size):
        yield Finding(subject, "is signed for another trail or size")
    if signed.root != tree.root() or row.root != tree.root() or row.peaks != b"".join(tree.peaks):
        yield Finding(subject, "is not the root of the leaves before it")
