"""Comparing the rows of the database with what was sealed and signed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cardwright.db.session import Session
from cardwright.sealing import store
from cardwright.sealing.log import SealedLog
from cardwright.sealing.merkle import Tree
from cardwright.sealing.store import Head, Seal, StoredCheckpoint
from cardwright.sealing.verifier import is_signed, read_checkpoint

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed: `subject` is an entry, a leaf or a checkpoint."""

    subject: str
    what: str


@dataclass(slots=True)
class SealReport:
    """What was found in all programs; entries are `unsealed`, by id, for seconds only when all is well."""

    sealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    unsealed: list[str] = field(default_factory=list)


async def verify(session: Session, log: SealedLog[E], keys: Sequence[Ed25519PublicKey] = ()) -> SealReport:
    """Compare every entry, leaf and checkpoint of every program; without keys signatures are not looked at.

    What nobody but an outsider can tell is a log that was rolled back as a whole: keep a checkpoint
    elsewhere, and verify an export against it.
    """
    report = SealReport()
    for program_id in await store.list_trails(session, log):
        await verify_program(session, log, program_id, keys, report)
    return report


async def verify_program(
    session: Session, log: SealedLog[E], program_id: str, keys: Sequence[Ed25519PublicKey],
    report: SealReport,
) -> None:  # fmt: skip
    """Compare every entry, leaf and checkpoint of one program and add what is found."""
    head = await store.find_head(session, log, program_id)
    if head is not None:
        await _verify_leaves(session, log, head, keys, report)
        for entry_id in await store.passed_over_ids(session, log, program_id, head.newest):
            report.findings.append(Finding(entry_id, "was put in behind what had been sealed"))
    uncovered = await store.find_uncovered_leaf(session, log, program_id)
    if uncovered is not None:
        report.findings.append(Finding(f"leaf {uncovered}", "is under no checkpoint"))
    report.unsealed += await store.unsealed_ids(session, log, program_id)


async def _verify_leaves(
    session: Session, log: SealedLog[E], head: Head, keys: Sequence[Ed25519PublicKey], report: SealReport
) -> None:
    tree, after, size, vouched = Tree(), -1, head.tree.size, 0
    program_id = head.program_id
    while page := await store.seals_page(session, log, program_id, after=after, until=size):
        checkpoints = await store.checkpoints_between(session, log, program_id, tree.size, page[-1].index + 1)
        by_size = {checkpoint.size: checkpoint for checkpoint in checkpoints}
        for seal in page:
            if seal.index != after + 1:
                report.findings.append(
                    Finding(f"leaf {after + 1}", f"is missing, with all before {seal.index}")
                )
            report.findings += _of_entry(log, seal)
            after = seal.index
            tree.append(seal.leaf_hash)
            if seal.index + 1 in by_size:
                found = list(_of_checkpoint(log, by_size.pop(seal.index + 1), tree, vouched, keys))
                report.findings += found
                vouched = vouched if found else tree.size
    report.sealed += tree.size
    if after + 1 != size:
        report.findings.append(Finding(f"leaf {after + 1}", f"is missing, with all before {size}"))


def _of_entry(log: SealedLog[E], seal: Seal[E]) -> Iterator[Finding]:
    if seal.entry is None:
        yield Finding(seal.entry_id, f"is gone, and was sealed as leaf {seal.index}")
        return
    if log.leaf_hash(seal.entry) != seal.leaf_hash:
        yield Finding(seal.entry_id, f"is not what was sealed as leaf {seal.index}")
    yield from (Finding(seal.entry_id, what) for what in log.look(seal.entry))


def _of_checkpoint(
    log: SealedLog[E], row: StoredCheckpoint, tree: Tree, vouched: int, keys: Sequence[Ed25519PublicKey]
) -> Iterator[Finding]:
    subject = f"checkpoint of {row.size}"
    try:
        signed = read_checkpoint(row.note)
    except ValueError as error:
        yield Finding(subject, str(error))
        return
    if keys and not is_signed(signed, keys):
        yield Finding(subject, "is not signed by the key")
    if (signed.origin, signed.size) != (log.format.origin_of(row.program_id), row.size):
        yield Finding(subject, "is signed for another trail or size")
    if signed.root != tree.root() or row.root != tree.root() or row.peaks != b"".join(tree.peaks):
        said = "is not the root of the leaves before it"
        yield Finding(subject, f"{said}: look at leaf {vouched} to {row.size - 1}")
