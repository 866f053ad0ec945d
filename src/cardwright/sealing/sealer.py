"""The sealer: every few seconds it makes what is new in a log part of a signed Merkle tree."""

from datetime import datetime
from typing import Final, TypeVar

from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.programs import Program
from cardwright.sealing import store
from cardwright.sealing.log import SealedLog
from cardwright.sealing.merkle import Tree
from cardwright.sealing.notes import CheckpointSigner
from cardwright.sealing.store import Head
from cardwright.sealing.verifier import read_checkpoint

E = TypeVar("E")

SEALED_AT_ONCE: Final = 1000


class TrailBroken(Exception):
    """The newest checkpoint is not one that was signed here: extending it would vouch for a forgery."""


async def seal(work: Work, log: SealedLog[E]) -> int:
    """Seal what the deployment's log has gained and return how many entries that was.

    Leaves and checkpoint are written in one transaction per batch: whatever ends it, there is no gap and no
    half of one, and the next round goes on. Of several sealers one works, the others return 0.
    """
    signer, program, count = work.get(CheckpointSigner), work.get(Program), 0
    while True:
        async with work.transaction() as session:
            sealed = await seal_program(session, log, signer, program.id, work.clock.now())
        count += sealed
        if sealed < SEALED_AT_ONCE:
            return count


async def seal_program(
    session: Session, log: SealedLog[E], signer: CheckpointSigner, program_id: str, at: datetime
) -> int:
    """Seal up to SEALED_AT_ONCE entries of a program; raise TrailBroken when its last seal is a forgery."""
    # Locked before anything is read, so that what is read is what the one before left.
    if not await store.lock_tree(session, log, program_id):
        return 0
    head = await store.find_head(session, log, program_id)
    if head is not None:
        _ensure_ours(head, log, signer)
    newest = head.newest if head else None
    entries = await store.take_unsealed(session, log, program_id, newest=newest, limit=SEALED_AT_ONCE)
    if not entries:
        return 0
    tree = head.tree if head else Tree()
    first_index = tree.size
    leaves = [(entry_id, log.leaf_hash(entry)) for entry_id, entry in entries]
    for _, leaf in leaves:
        tree.append(leaf)
    await store.add_seals(session, log, program_id, first_index, leaves)
    note = signer.sign(log.format.origin_of(program_id), tree.size, tree.root())
    await store.add_checkpoint(session, log, program_id, tree, note, at)
    return len(entries)


def _ensure_ours(head: Head, log: SealedLog[E], signer: CheckpointSigner) -> None:
    signed = read_checkpoint(head.note)
    said = (signed.origin, signed.size, signed.root, head.root)
    root = head.tree.root()
    is_whole = said == (log.format.origin_of(head.program_id), head.tree.size, root, root)
    if not (is_whole and signer.has_signed(signed)):
        raise TrailBroken(
            f"the checkpoint of {head.tree.size} entries of {head.program_id} was not signed here"
        )
