"""The tables of merchants, of the ids that networks know them by, and of their descriptors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.merchants.domain import Acceptor, Merchant, Origin
from cardwright.merchants.groups import group_of

merchants = Table(
    "merchants",
    metadata,
    id_column(),
    reference("program_id"),
    text("name"),
    text("mcc"),
    text("country"),
    reference("merged_into", nullable=True, index=True),
    instant("created_at"),
    Index("ix_merchants_program_id", "program_id", "id"),
)
merchant_acceptors = Table(
    "merchant_acceptors",
    metadata,
    reference("program_id"),
    text("source"),
    text("acceptor_id"),
    reference("merchant_id", index=True),
    text("country"),
    text("origin"),
    instant("first_seen_at"),
    PrimaryKeyConstraint("program_id", "source", "acceptor_id"),
)
merchant_descriptors = Table(
    "merchant_descriptors",
    metadata,
    reference("program_id"),
    text("descriptor"),
    text("mcc"),
    reference("merchant_id", index=True),
    PrimaryKeyConstraint("program_id", "descriptor", "mcc"),
)
_merged = merchants.alias("merged")
_ALIASES = (
    select(func.array_agg(_merged.c.id))
    .where(_merged.c.merged_into == merchants.c.id)
    .correlate(merchants)
    .scalar_subquery()
)


async def find_by_acceptor(
    session: Session, program_id: str, source: str, acceptor_id: str
) -> Merchant | None:
    """Return the merchant that a network knows under an id."""
    known = merchant_acceptors.c
    return await _one(
        session,
        _merchants()
        .join(merchant_acceptors, known.merchant_id == merchants.c.id)
        .where(known.program_id == program_id, known.source == source, known.acceptor_id == acceptor_id),
    )


async def find_by_descriptor(session: Session, program_id: str, descriptor: str, mcc: str) -> Merchant | None:
    """Return the merchant of a descriptor within a category."""
    known = merchant_descriptors.c
    return await _one(
        session,
        _merchants()
        .join(merchant_descriptors, known.merchant_id == merchants.c.id)
        .where(known.program_id == program_id, known.descriptor == descriptor, known.mcc == mcc),
    )


async def find(session: Session, merchant_id: str) -> Merchant | None:
    """Return a merchant, or the one it was merged into."""
    into = select(func.coalesce(merchants.c.merged_into, merchants.c.id)).where(merchants.c.id == merchant_id)
    return await _one(session, _merchants().where(merchants.c.id == into.scalar_subquery()))


async def find_for_update(session: Session, program_id: str, merchant_id: str) -> Merchant | None:
    """Return a merchant of a program that was not merged into another, locked."""
    query = _merchants().where(
        merchants.c.id == merchant_id, merchants.c.program_id == program_id, merchants.c.merged_into.is_(None)
    )
    return await _one(session, query.with_for_update(of=merchants, key_share=True))


async def family(session: Session, merchant_ids: Sequence[str]) -> Sequence[str]:
    """Return ids with all that mean the same merchants."""
    into = select(func.coalesce(merchants.c.merged_into, merchants.c.id)).where(
        merchants.c.id.in_(merchant_ids)
    )
    rows = await session.execute(
        select(merchants.c.id).where(or_(merchants.c.id.in_(into), merchants.c.merged_into.in_(into)))
    )
    return sorted({*merchant_ids, *rows.scalars()})


async def page_of(
    session: Session, *, program_id: str, search: str | None, mcc: str | None, before: str | None, limit: int
) -> Sequence[Merchant]:
    """Return merchants, newest first, whose name has a text in it."""
    query = _merchants().where(merchants.c.program_id == program_id, merchants.c.merged_into.is_(None))
    if search is not None:
        query = query.where(merchants.c.name.icontains(search, autoescape=True))
    if mcc is not None:
        query = query.where(merchants.c.mcc == mcc)
    if before is not None:
        query = query.where(merchants.c.id < before)
    rows = await session.execute(query.order_by(merchants.c.id.desc()).limit(limit))
    return [_merchant(row) for row in rows]


async def insert_merchant(session: Session, merchant: Merchant) -> None:
    """Insert an identity."""
    await session.execute(
        insert(merchants).values(
            id=merchant.id, program_id=merchant.program_id, name=merchant.name, mcc=merchant.mcc,
            country=merchant.country, created_at=merchant.created_at,
        )
    )  # fmt: skip


async def add_acceptor(session: Session, merchant: Merchant, acceptor: Acceptor) -> None:
    """Write that a network knows a merchant under an id; nothing where the id is known already."""
    await session.execute(
        upsert(merchant_acceptors)
        .values(
            program_id=merchant.program_id, merchant_id=merchant.id, source=acceptor.source,
            acceptor_id=acceptor.acceptor_id, country=acceptor.country, origin=acceptor.origin,
            first_seen_at=acceptor.first_seen_at,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


async def add_descriptor(session: Session, merchant: Merchant, descriptor: str, mcc: str) -> None:
    """Write that a descriptor within a category means a merchant; nothing where it means one already."""
    await session.execute(
        upsert(merchant_descriptors)
        .values(program_id=merchant.program_id, descriptor=descriptor, mcc=mcc, merchant_id=merchant.id)
        .on_conflict_do_nothing()
    )


async def lock_sighting(session: Session, program_id: str, what: str) -> None:
    """Wait until nobody else learns the same; the lock ends with the transaction."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{program_id}:{what}", 1)))
    )


async def acceptors_of(session: Session, merchant_id: str) -> Sequence[Acceptor]:
    """Return the ids that networks know a merchant by."""
    rows = await session.execute(
        select(merchant_acceptors)
        .where(merchant_acceptors.c.merchant_id == merchant_id)
        .order_by(merchant_acceptors.c.source, merchant_acceptors.c.acceptor_id)
    )
    return [
        Acceptor(row.source, row.acceptor_id, row.country, Origin(row.origin), row.first_seen_at)
        for row in rows
    ]


async def descriptors_of(session: Session, merchant_id: str) -> Sequence[str]:
    """Return the descriptors that mean a merchant."""
    rows = await session.execute(
        select(merchant_descriptors.c.descriptor)
        .where(merchant_descriptors.c.merchant_id == merchant_id)
        .distinct()
        .order_by(merchant_descriptors.c.descriptor)
    )
    return rows.scalars().all()


async def rename(session: Session, merchant_id: str, name: str) -> None:
    """Write what a merchant is called."""
    await session.execute(update(merchants).where(merchants.c.id == merchant_id).values(name=name))


async def merge(session: Session, merchant_id: str, into: str) -> None:
    """Let everything that meant one merchant mean another; the merged one's id stays and means it, too."""
    meant = (merchant_acceptors, merchant_descriptors)
    for table in meant:
        await session.execute(
            update(table).where(table.c.merchant_id == merchant_id).values(merchant_id=into)
        )
    was = or_(merchants.c.id == merchant_id, merchants.c.merged_into == merchant_id)
    await session.execute(update(merchants).where(was).values(merged_into=into))


async def move_acceptor(
    session: Session, merchant: Merchant, source: str, acceptor_id: str, to: str, at: datetime
) -> bool:
    """Give an id of one merchant to another, as staff say; answer whether the merchant had it."""
    known = merchant_acceptors.c
    moved = await session.execute(
        update(merchant_acceptors)
        .where(
            known.program_id == merchant.program_id,
            known.merchant_id == merchant.id,
            known.source == source,
            known.acceptor_id == acceptor_id,
        )
        .values(merchant_id=to, origin=Origin.STAFF, first_seen_at=at)
        .returning(known.acceptor_id)
    )
    return moved.scalar_one_or_none() is not None


def _merchants() -> Select[Any]:
    return select(merchants, _ALIASES.label("aliases"))


async def _one(session: Session, query: Select[Any]) -> Merchant | None:
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _merchant(row)


def _merchant(row: Row[Any]) -> Merchant:
    return Merchant(
        row.id, row.program_id, row.name, row.mcc, group_of(row.mcc).id, row.country, row.created_at,
        tuple(row.aliases or ()),
    )  # fmt: skip
