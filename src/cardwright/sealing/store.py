"""The tables of what was sealed: leaves and signed checkpoints; the database refuses to change either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

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
    text,
    tuple_,
    union,
)

from cardwright.db import base
from cardwright.db.base import instant, metadata, reference
from cardwright.db.session import Session
from cardwright.sealing.log import SealedLog
from cardwright.sealing.merkle import HASH_BYTES, Tree

E = TypeVar("E")
_PAGE: Final = 1000


def written_in() -> Column[int]:
    """The transaction that wrote a row: what says which rows can be sealed, and in which order."""
    return Column(
        "written_in", BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"), nullable=False
    )


def seals_table(name: str) -> Table:
    """Return a table of leaves."""
    return Table(
        name,
        metadata,
        reference("program_id"),
        Column("leaf_index", BigInteger, nullable=False),
        reference("entry_id"),
        Column("leaf_hash", LargeBinary, nullable=False),
        PrimaryKeyConstraint("program_id", "leaf_index"),
        Index(None, "entry_id", unique=True),
    )


def checkpoints_table(name: str) -> Table:
    """Return a table of signed checkpoints."""
    return Table(
        name,
        metadata,
        reference("program_id"),
        Column("size", BigInteger, nullable=False),
        Column("root", LargeBinary, nullable=False),
        # The roots of the tree's perfect subtrees, one after the other: what the next leaf is added to.
        Column("peaks", LargeBinary, nullable=False),
        base.text("note"),
        instant("created_at"),
        PrimaryKeyConstraint("program_id", "size"),
    )


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
class Seal(Generic[E]):
    """A leaf, and the entry as its row says now; None when the row is gone."""

    index: int
    leaf_hash: bytes
    entry_id: str
    entry: E | None


async def lock_tree(session: Session, log: SealedLog[E], program_id: str) -> bool:
    """Take a program's tree for this transaction; False while another one has it."""
    name = func.hashtextextended(f"{log.format.log}:{program_id}", 0)
    return bool((await session.execute(select(func.pg_try_advisory_xact_lock(name)))).scalar_one())


async def find_head(session: Session, log: SealedLog[E], program_id: str) -> Head | None:
    """Return the newest checkpoint; None before the first one."""
    entries, seals, checkpoints = log.entries, log.seals, log.checkpoints
    last = (seals.c.program_id == program_id) & (seals.c.leaf_index == checkpoints.c.size - 1)
    query = (
        select(checkpoints, entries.c.written_in, entries.c.id)
        .outerjoin(seals, last)
        .outerjoin(entries, entries.c.id == seals.c.entry_id)
        .where(checkpoints.c.program_id == program_id)
        .order_by(checkpoints.c.size.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    newest = None if row.id is None else (row.written_in, row.id)
    return Head(program_id, row.root, Tree(row.size, _split(row.peaks)), row.note, newest)


async def take_unsealed(
    session: Session, log: SealedLog[E], program_id: str, *, newest: tuple[int, str] | None, limit: int
) -> Sequence[tuple[str, E]]:
    """Return (id, entry) of what is to be sealed next, in the order of the transactions that wrote them.

    Ids are given before a transaction commits, so a lower one may still appear after a higher one. What is
    below the oldest transaction that runs is complete, and only that is returned: everything after `newest`.
    """
    oldest, following = _bound("pg_snapshot_xmin"), _bound("pg_snapshot_xmax")
    wrote, place = log.entries.c.written_in, _place(log)
    query = _unsealed(log, program_id).limit(limit)
    if newest is not None and await _is_of_this_server(session, newest):
        query = query.where(place > tuple_(*newest), wrote < oldest).order_by(wrote, log.entries.c.id)
    else:
        # Transactions were counted anew since: the rows came from another server, out of a backup. What is
        # not of this server's transactions is complete, and goes first.
        query = query.where(or_(wrote < oldest, wrote >= following)).order_by(
            (wrote >= following).desc(), wrote, log.entries.c.id
        )
    ids = (await session.execute(query)).scalars().all()
    found = await log.read(session, ids)
    return [(entry_id, found[entry_id]) for entry_id in ids]


async def passed_over_ids(
    session: Session, log: SealedLog[E], program_id: str, newest: tuple[int, str] | None
) -> Sequence[str]:
    """Return entries without a leaf that say they were written before the newest sealed one: put in later."""
    if newest is None or not await _is_of_this_server(session, newest):
        return []
    query = _unsealed(log, program_id).where(_place(log) < tuple_(*newest)).order_by(log.entries.c.id)
    return (await session.execute(query)).scalars().all()


async def add_seals(
    session: Session, log: SealedLog[E], program_id: str, first_index: int,
    leaves: Sequence[tuple[str, bytes]],
) -> None:  # fmt: skip
    """Append (entry id, leaf hash) to a program's leaves."""
    rows = [
        {"program_id": program_id, "leaf_index": index, "entry_id": entry_id, "leaf_hash": leaf_hash}
        for index, (entry_id, leaf_hash) in enumerate(leaves, first_index)
    ]
    await session.execute(insert(log.seals), rows)


async def add_checkpoint(
    session: Session, log: SealedLog[E], program_id: str, tree: Tree, note: str, at: datetime
) -> None:
    """Append a checkpoint; the database refuses one that does not cover the leaves that there are."""
    await session.execute(
        insert(log.checkpoints).values(
            program_id=program_id, size=tree.size, root=tree.root(), peaks=b"".join(tree.peaks), note=note,
            created_at=at,
        )
    )  # fmt: skip


async def seals_page(
    session: Session, log: SealedLog[E], program_id: str, *, after: int, until: int
) -> Sequence[Seal[E]]:
    """Return the leaves after an index (-1: from the first), those below `until` only."""
    seals = log.seals
    rows = (
        await session.execute(
            select(seals.c.leaf_index, seals.c.leaf_hash, seals.c.entry_id)
            .where(seals.c.program_id == program_id, seals.c.leaf_index > after, seals.c.leaf_index < until)
            .order_by(seals.c.leaf_index)
            .limit(_PAGE)
        )
    ).all()
    found = await log.read(session, [row.entry_id for row in rows])
    return [Seal(row.leaf_index, row.leaf_hash, row.entry_id, found.get(row.entry_id)) for row in rows]


async def find_uncovered_leaf(session: Session, log: SealedLog[E], program_id: str) -> int | None:
    """Return the index of the first leaf that no checkpoint covers, None where there is none.

    Asked for with the newest checkpoint in one statement: a seal that is committed meanwhile has both.
    """
    newest = select(func.max(log.checkpoints.c.size)).where(log.checkpoints.c.program_id == program_id)
    leaves = select(func.min(log.seals.c.leaf_index)).where(
        log.seals.c.program_id == program_id,
        log.seals.c.leaf_index >= func.coalesce(newest.scalar_subquery(), 0),
    )
    found: int | None = (await session.execute(leaves)).scalar_one()
    return found


async def checkpoints_between(
    session: Session, log: SealedLog[E], program_id: str, low: int, high: int
) -> Sequence[StoredCheckpoint]:
    """Return the checkpoints of sizes in (low, high], smallest first."""
    size = log.checkpoints.c.size
    query = select(log.checkpoints).where(
        log.checkpoints.c.program_id == program_id, size > low, size <= high
    )
    rows = await session.execute(query.order_by(size))
    return [StoredCheckpoint(**row) for row in rows.mappings()]


async def find_newest_checkpoint(
    session: Session, log: SealedLog[E], program_id: str
) -> StoredCheckpoint | None:
    """Return the newest checkpoint as its row says; None before the first one."""
    query = select(log.checkpoints).where(log.checkpoints.c.program_id == program_id)
    rows = await session.execute(query.order_by(log.checkpoints.c.size.desc()).limit(1))
    row = rows.mappings().one_or_none()
    return None if row is None else StoredCheckpoint(**row)


async def count_unsealed(session: Session, log: SealedLog[E], program_id: str) -> int:
    """Return how many entries have no leaf."""
    waiting = _unsealed(log, program_id).subquery()
    return int((await session.execute(select(func.count()).select_from(waiting))).scalar_one())


async def list_trails(session: Session, log: SealedLog[E]) -> Sequence[str]:
    """Return the ids of the programs that have entries, leaves or checkpoints."""
    tables = (log.entries, log.seals, log.checkpoints)
    rows = await session.execute(union(*(select(table.c.program_id) for table in tables)))
    return sorted(rows.scalars())


async def unsealed_ids(session: Session, log: SealedLog[E], program_id: str) -> Sequence[str]:
    """Return the ids of entries that have no leaf, oldest first."""
    query = _unsealed(log, program_id).order_by(log.entries.c.id)
    return (await session.execute(query)).scalars().all()


def _unsealed(log: SealedLog[E], program_id: str) -> Any:
    entries, seals = log.entries, log.seals
    is_sealed = select(seals.c.entry_id).where(seals.c.entry_id == entries.c.id).exists()
    return select(entries.c.id).where(entries.c.program_id == program_id, ~is_sealed)


def _place(log: SealedLog[E]) -> Any:
    return tuple_(log.entries.c.written_in, log.entries.c.id)


async def _is_of_this_server(session: Session, newest: tuple[int, str]) -> bool:
    following: int = (await session.execute(select(_bound("pg_snapshot_xmax")))).scalar_one()
    return newest[0] < following


def _bound(edge: str) -> ColumnElement[int]:
    snapshot = getattr(func, edge)(func.pg_current_snapshot())
    return cast(cast(snapshot, Text), BigInteger)


def _split(peaks: bytes) -> list[bytes]:
    return [peaks[start : start + HASH_BYTES] for start in range(0, len(peaks), HASH_BYTES)]
