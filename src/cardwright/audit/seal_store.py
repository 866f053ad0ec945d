"""The tables of what was sealed: leaves and signed checkpoints; the database refuses to change either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    cast,
    func,
    insert,
    or_,
    select,
    tuple_,
    union,
)

from cardwright.audit.domain import AuditEntry
from cardwright.audit.merkle import HASH_BYTES, Tree
from cardwright.audit.store import audit_entries, entries_and_personal_data, entry_of
from cardwright.db.base import instant, metadata, reference, text
from cardwright.db.session import Session

audit_seals = Table(
    "audit_seals",
    metadata,
    reference("program_id"),
    Column("leaf_index", BigInteger, nullable=False),
    reference("entry_id"),
    Column("leaf_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("program_id", "leaf_index"),
    Index(None, "entry_id", unique=True),
)
audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    reference("program_id"),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    # The roots of the tree's perfect subtrees, one after the other: what the next leaf is added to.
    Column("peaks", LargeBinary, nullable=False),
    text("note"),
    instant("created_at"),
    PrimaryKeyConstraint("program_id", "size"),
)
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint of a program: `tree` is what it says of the leaves, `note` what was signed.

    `newest` is (transaction, entry id) of the last leaf; None when that entry is gone.
    """

    program_id: str
    root: bytes
    tree: Tree
    note: str
    newest: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as its row says now."""

    program_id: str
    size: int
    root: bytes
    peaks: bytes
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Seal:
    """A leaf, and the entry as its row says now; None when the row is gone."""

    index: int
    leaf_hash: bytes
    entry_id: str
    entry: AuditEntry | None


async def lock_tree(session: Session, program_id: str) -> bool:
    """Take a program's tree for this transaction; False while another one has it."""
    name = func.hashtextextended(f"audit:{program_id}", 0)
    return bool((await session.execute(select(func.pg_try_advisory_xact_lock(name)))).scalar_one())


async def find_head(session: Session, program_id: str) -> Head | None:
    """Return the newest checkpoint; None before the first one."""
    last = (audit_seals.c.program_id == program_id) & (
        audit_seals.c.leaf_index == audit_checkpoints.c.size - 1
    )
    query = (
        select(audit_checkpoints, audit_entries.c.written_in, audit_entries.c.id)
        .outerjoin(audit_seals, last)
        .outerjoin(audit_entries, audit_entries.c.id == audit_seals.c.entry_id)
        .where(audit_checkpoints.c.program_id == program_id)
        .order_by(audit_checkpoints.c.size.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    newest = None if row.id is None else (row.written_in, row.id)
    return Head(program_id, row.root, Tree(row.size, _split(row.peaks)), row.note, newest)


async def take_unsealed(
    session: Session, program_id: str, *, newest: tuple[int, str] | None, limit: int
) -> Sequence[AuditEntry]:
    """Return entries to seal next, in the order of the transactions that wrote them.

    Ids are given before a transaction commits, so a lower one may still appear after a higher one. What is
    below the oldest transaction that runs is complete, and only that is returned: everything after `newest`.
    """
    oldest, following = _bound("pg_snapshot_xmin"), _bound("pg_snapshot_xmax")
    written_in, place = audit_entries.c.written_in, tuple_(audit_entries.c.written_in, audit_entries.c.id)
    is_sealed = select(audit_seals.c.entry_id).where(audit_seals.c.entry_id == audit_entries.c.id).exists()
    query = (
        entries_and_personal_data().where(audit_entries.c.program_id == program_id, ~is_sealed).limit(limit)
    )
    if newest is not None and newest[0] < (await session.execute(select(following))).scalar_one():
        query = query.where(place > tuple_(*newest), written_in < oldest).order_by(
            written_in, audit_entries.c.id
        )
    else:
        # Transactions were counted anew since: the rows came from another server, out of a backup. What is
        # not of this server's transactions is complete, and goes first.
        query = query.where(or_(written_in < oldest, written_in >= following)).order_by(
            (written_in >= following).desc(), written_in, audit_entries.c.id
        )
    return [entry_of(row) for row in await session.execute(query)]


async def add_seals(
    session: Session, program_id: str, first_index: int, leaves: Sequence[tuple[str, bytes]]
) -> None:
    """Append (entry id, leaf hash) to a program's leaves."""
    rows = [
        {"program_id": program_id, "leaf_index": index, "entry_id": entry_id, "leaf_hash": leaf_hash}
        for index, (entry_id, leaf_hash) in enumerate(leaves, first_index)
    ]
    await session.execute(insert(audit_seals), rows)


async def add_checkpoint(session: Session, program_id: str, tree: Tree, note: str, at: datetime) -> None:
    """Append a checkpoint; the database refuses one that does not cover the leaves that there are."""
    await session.execute(
        insert(audit_checkpoints).values(
            program_id=program_id, size=tree.size, root=tree.root(), peaks=b"".join(tree.peaks), note=note,
            created_at=at,
        )
    )  # fmt: skip


async def seals_page(
    session: Session, program_id: str, *, after: int, until: int | None = None
) -> Sequence[Seal]:
    """Return the leaves after an index (-1: from the first), those below `until` only."""
    entries = entries_and_personal_data().subquery()
    query = (
        # Without the leaf's program: the entry's own is to be looked at.
        select(audit_seals.c.leaf_index, audit_seals.c.leaf_hash, audit_seals.c.entry_id, entries)
        .outerjoin(entries, entries.c.id == audit_seals.c.entry_id)
        .where(audit_seals.c.program_id == program_id, audit_seals.c.leaf_index > after)
        .limit(_PAGE)
    )
    if until is not None:
        query = query.where(audit_seals.c.leaf_index < until)
    rows = await session.execute(query.order_by(audit_seals.c.leaf_index))
    return [
        Seal(row.leaf_index, row.leaf_hash, row.entry_id, None if row.id is None else entry_of(row))
        for row in rows
    ]


async def checkpoints_between(
    session: Session, program_id: str, low: int, high: int
) -> Sequence[StoredCheckpoint]:
    """Return the checkpoints of sizes in (low, high], smallest first."""
    size = audit_checkpoints.c.size
    query = select(audit_checkpoints).where(
        audit_checkpoints.c.program_id == program_id, size > low, size <= high
    )
    rows = await session.execute(query.order_by(size))
    return [StoredCheckpoint(**row) for row in rows.mappings()]


async def list_trails(session: Session) -> Sequence[str]:
    """Return the ids of the programs that have entries, leaves or checkpoints."""
    tables = (audit_entries, audit_seals, audit_checkpoints)
    rows = await session.execute(union(*(select(table.c.program_id) for table in tables)))
    return sorted(rows.scalars())


async def unsealed_ids(session: Session, program_id: str) -> Sequence[str]:
    """Return the ids of entries that have no leaf, oldest first."""
    query = (
        select(audit_entries.c.id)
        .outerjoin(audit_seals, audit_seals.c.entry_id == audit_entries.c.id)
        .where(audit_entries.c.program_id == program_id, audit_seals.c.entry_id.is_(None))
        .order_by(audit_entries.c.id)
    )
    return (await session.execute(query)).scalars().all()


def _bound(edge: str) -> ColumnElement[int]:
    snapshot = getattr(func, edge)(func.pg_current_snapshot())
    return cast(cast(snapshot, Text), BigInteger)


def _split(peaks: bytes) -> list[bytes]:
    return [peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES)]
