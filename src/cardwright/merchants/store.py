"""The table of merchants. One that is merged keeps its row, ids and descriptors, and means another."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Index,
    Row,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.merchants.domain import Merchant, MergedMerchant
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
    # Where the chain of merges ends: its own id, while it is merged into no other.
    reference("identity_id", index=True),
    instant("created_at"),
    CheckConstraint("(merged_into IS NULL) = (identity_id = id)", name="identity"),
    Index("ix_merchants_program_id", "program_id", "id"),
)
_merged = merchants.alias("merged")
_named = merchants.alias("named")
_ALIASES = (
    select(func.array_agg(_merged.c.id))
    .where(_merged.c.identity_id == merchants.c.id, _merged.c.id != merchants.c.id)
    .correlate(merchants)
    .scalar_subquery()
)


def merchants_with_aliases(*more: Any) -> Select[Any]:
    """Return the statement that `merchant_of` reads the rows of."""
    return select(merchants, _ALIASES.label("aliases"), *more)


_MEANT: Final = joinable(
    merchants_with_aliases(_named.c.id.label("named_id"))
    .join(_named, _named.c.identity_id == merchants.c.id)
    .where(_named.c.id == any_(bindparam("merchant_ids", type_=ARRAY(Text))))
)


async def find(session: Session, merchant_id: str) -> Merchant | None:
    """Return a merchant, or the one it was merged into."""
    return (await find_all(session, [merchant_id])).get(merchant_id)


async def find_all(session: Session, merchant_ids: Sequence[str]) -> Mapping[str, Merchant]:
    """Return, by each id that there is, the merchant that it means."""
    rows = await session.execute(_MEANT, {"merchant_ids": list(merchant_ids)})
    return {row.named_id: merchant_of(row) for row in rows}


async def find_for_update(session: Session, program_id: str, merchant_id: str) -> Merchant | None:
    """Return a merchant of a program that was not merged into another, locked; so is all that means it."""
    query = merchants_with_aliases().where(
        merchants.c.id == merchant_id, merchants.c.program_id == program_id, merchants.c.merged_into.is_(None)
    )
    return await one(session, query.with_for_update(of=merchants, key_share=True))


async def known_ids(session: Session, program_id: str, merchant_ids: Sequence[str]) -> frozenset[str]:
    """Return those of some ids that a program has a merchant for."""
    rows = await session.execute(
        select(merchants.c.id).where(merchants.c.program_id == program_id, merchants.c.id.in_(merchant_ids))
    )
    return frozenset(rows.scalars())


async def family(session: Session, merchant_ids: Sequence[str]) -> Sequence[str]:
    """Return ids with all that mean the same merchants."""
    meant = select(_named.c.identity_id).where(_named.c.id.in_(merchant_ids))
    rows = await session.execute(select(merchants.c.id).where(merchants.c.identity_id.in_(meant)))
    return sorted({*merchant_ids, *rows.scalars()})


async def merged_into(session: Session, merchant_id: str) -> Sequence[MergedMerchant]:
    """Return the merchants that mean another, each with the one that staff merged it into."""
    rows = await session.execute(
        select(merchants.c.id, merchants.c.name, merchants.c.merged_into)
        .where(merchants.c.identity_id == merchant_id, merchants.c.merged_into.is_not(None))
        .order_by(merchants.c.id)
    )
    return [MergedMerchant(*row) for row in rows]


async def page_of(
    session: Session, *, program_id: str, search: str | None, mcc: str | None, before: str | None, limit: int
) -> Sequence[Merchant]:
    """Return merchants, newest first, whose name has a text in it."""
    query = merchants_with_aliases().where(
        merchants.c.program_id == program_id, merchants.c.merged_into.is_(None)
    )
    if search is not None:
        query = query.where(merchants.c.name.icontains(search, autoescape=True))
    if mcc is not None:
        query = query.where(merchants.c.mcc == mcc)
    if before is not None:
        query = query.where(merchants.c.id < before)
    rows = await session.execute(query.order_by(merchants.c.id.desc()).limit(limit))
    return [merchant_of(row) for row in rows]


async def insert_merchant(session: Session, merchant: Merchant) -> None:
    """Insert an identity."""
    await session.execute(
        insert(merchants).values(
            id=merchant.id, identity_id=merchant.id, program_id=merchant.program_id, name=merchant.name,
            mcc=merchant.mcc, country=merchant.country, created_at=merchant.created_at,
        )
    )  # fmt: skip


async def rename(session: Session, merchant_id: str, name: str) -> None:
    """Write what a merchant is called."""
    await session.execute(update(merchants).where(merchants.c.id == merchant_id).values(name=name))


async def merge(session: Session, merchant_id: str, into: str) -> None:
    """Let a merchant, and all that mean it, mean another; both must be locked and merged into none."""
    await session.execute(
        update(merchants).where(merchants.c.id == merchant_id).values(merged_into=into, identity_id=into)
    )
    await session.execute(
        update(merchants).where(merchants.c.identity_id == merchant_id).values(identity_id=into)
    )


async def unmerge(session: Session, merchant_id: str) -> None:
    """Let a merged merchant, and all that were merged into it, mean it again."""
    below = select(merchants.c.id).where(merchants.c.id == merchant_id).cte("below", recursive=True)
    below = below.union_all(select(_merged.c.id).where(_merged.c.merged_into == below.c.id))
    restored = (await session.execute(select(below.c.id))).scalars().all()
    await session.execute(
        update(merchants)
        .where(merchants.c.id == merchant_id)
        .values(merged_into=None, identity_id=merchant_id)
    )
    await session.execute(
        update(merchants).where(merchants.c.id.in_(restored)).values(identity_id=merchant_id)
    )


async def one(
    session: Session, query: Select[Any], wanted: Mapping[str, Any] | None = None
) -> Merchant | None:
    """Return the merchant that a statement finds by what it is given."""
    row = (await session.execute(query, wanted)).one_or_none()
    return None if row is None else merchant_of(row)


def merchant_of(row: Row[Any]) -> Merchant:
    """Build a merchant from its row."""
    return Merchant(
        row.id, row.program_id, row.name, row.mcc, group_of(row.mcc).id, row.country, row.created_at,
        tuple(row.aliases or ()),
    )  # fmt: skip
