"""The tables of the ids and descriptors that mean merchants, and whether descriptors may teach more."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, Row, Table, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.merchants.domain import Acceptor, Merchant, Origin
from cardwright.merchants.store import merchants, merchants_with_aliases, one

merchant_acceptors = Table(
    "merchant_acceptors",
    metadata,
    reference("program_id"),
    text("source"),
    text("acceptor_id"),
    reference("merchant_id", index=True),
    text("descriptor"),
    text("mcc"),
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
merchant_learning = Table(
    "merchant_learning",
    metadata,
    id_column("program_id"),
    Column("is_on", Boolean, nullable=False),
)
_is_on = select(merchant_learning.c.is_on).where(merchant_learning.c.program_id == bindparam("program_id"))
_BY_ACCEPTOR: Final = joinable(
    merchants_with_aliases()
    .join(merchant_acceptors, merchant_acceptors.c.merchant_id == merchants.c.id)
    .where(
        merchant_acceptors.c.program_id == bindparam("program_id"),
        merchant_acceptors.c.source == bindparam("source"),
        merchant_acceptors.c.acceptor_id == bindparam("acceptor_id"),
        or_(
            merchant_acceptors.c.origin != Origin.DESCRIPTOR,
            func.coalesce(_is_on.scalar_subquery(), True),
        ),
    )
)


async def find_by_acceptor(
    session: Session, program_id: str, source: str, acceptor_id: str
) -> Merchant | None:
    """Return the merchant that has an id; not while learned ids do not count and the id was learned."""
    wanted = {"program_id": program_id, "source": source, "acceptor_id": acceptor_id}
    return await one(session, _BY_ACCEPTOR, wanted)


async def find_by_descriptor(session: Session, program_id: str, descriptor: str, mcc: str) -> Merchant | None:
    """Return the merchant of a descriptor within a category."""
    known = merchant_descriptors.c
    return await one(
        session,
        merchants_with_aliases()
        .join(merchant_descriptors, known.merchant_id == merchants.c.id)
        .where(known.program_id == program_id, known.descriptor == descriptor, known.mcc == mcc),
    )


async def find_acceptor(session: Session, program_id: str, source: str, acceptor_id: str) -> Acceptor | None:
    """Return an id that a network uses in a program."""
    known = merchant_acceptors.c
    row = (
        await session.execute(
            select(merchant_acceptors).where(
                known.program_id == program_id, known.source == source, known.acceptor_id == acceptor_id
            )
        )
    ).one_or_none()
    return None if row is None else _acceptor(row)


async def acceptors_of(session: Session, merchant_id: str) -> Sequence[Acceptor]:
    """Return the ids that networks know a merchant, and all that mean it, by."""
    rows = await session.execute(
        select(merchant_acceptors)
        .join(merchants, merchants.c.id == merchant_acceptors.c.merchant_id)
        .where(merchants.c.identity_id == merchant_id)
        .order_by(merchant_acceptors.c.source, merchant_acceptors.c.acceptor_id)
    )
    return [_acceptor(row) for row in rows]


async def descriptors_of(session: Session, merchant_id: str) -> Sequence[str]:
    """Return the descriptors that mean a merchant."""
    rows = await session.execute(
        select(merchant_descriptors.c.descriptor)
        .join(merchants, merchants.c.id == merchant_descriptors.c.merchant_id)
        .where(merchants.c.identity_id == merchant_id)
        .distinct()
        .order_by(merchant_descriptors.c.descriptor)
    )
    return rows.scalars().all()


async def save_acceptor(session: Session, program_id: str, acceptor: Acceptor) -> None:
    """Write whom a network knows under an id; when it was first seen stays."""
    known = {
        "merchant_id": acceptor.merchant_id, "descriptor": acceptor.descriptor, "mcc": acceptor.mcc,
        "country": acceptor.country, "origin": acceptor.origin,
    }  # fmt: skip
    await session.execute(
        upsert(merchant_acceptors)
        .values(
            program_id=program_id, source=acceptor.source, acceptor_id=acceptor.acceptor_id,
            first_seen_at=acceptor.first_seen_at, **known,
        )
        .on_conflict_do_update(index_elements=["program_id", "source", "acceptor_id"], set_=known)
    )  # fmt: skip


async def add_descriptor(session: Session, merchant: Merchant, descriptor: str, mcc: str) -> None:
    """Write that a descriptor within a category means a merchant; nothing where it means one already."""
    await session.execute(
        upsert(merchant_descriptors)
        .values(program_id=merchant.program_id, descriptor=descriptor, mcc=mcc, merchant_id=merchant.id)
        .on_conflict_do_nothing()
    )


async def move_descriptor(session: Session, merchant_id: str, descriptor: str, mcc: str, to: str) -> None:
    """Let a descriptor within a category that means a merchant mean another."""
    known = merchant_descriptors.c
    await session.execute(
        update(merchant_descriptors)
        .where(known.merchant_id == merchant_id, known.descriptor == descriptor, known.mcc == mcc)
        .values(merchant_id=to)
    )


async def lock_sighting(session: Session, program_id: str, what: str) -> None:
    """Wait until nobody else learns the same; the lock ends with the transaction."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{program_id}:{what}", 1)))
    )


async def is_learning(session: Session, program_id: str) -> bool:
    """Answer whether a program learns who a merchant is from descriptors; it does until told otherwise."""
    found = await session.execute(
        select(merchant_learning.c.is_on).where(merchant_learning.c.program_id == program_id)
    )
    is_on: bool | None = found.scalar_one_or_none()
    return is_on is not False


async def save_learning(session: Session, program_id: str, *, is_on: bool) -> None:
    """Write whether a program learns who a merchant is from descriptors."""
    await session.execute(
        upsert(merchant_learning)
        .values(program_id=program_id, is_on=is_on)
        .on_conflict_do_update(index_elements=["program_id"], set_={"is_on": is_on})
    )


def _acceptor(row: Row[Any]) -> Acceptor:
    return Acceptor(
        row.merchant_id, row.source, row.acceptor_id, row.descriptor, row.mcc, row.country,
        Origin(row.origin), row.first_seen_at,
    )  # fmt: skip
