"""Statements about all payments: what the network was not asked for, every decision for the replay."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, cast, func, select

from cardwright.db.session import Session
from cardwright.payments.domain import ElementKind, Payment
from cardwright.payments.store import (
    Decision,
    decision_from_row,
    decisions,
    elements,
    payments,
    with_elements,
)
from cardwright.rules import FactValue


@dataclass(frozen=True, slots=True)
class Asked:
    """What an authorization asked and was looked at: `amount` in minor units, `fields` by catalogue name."""

    decision_id: str
    payment_id: str
    amount: int
    currency: str
    fields: Mapping[str, FactValue]


async def approved_between(
    session: Session, program_id: str, *, since: datetime | None, until: datetime
) -> Sequence[Asked]:
    """Return the authorizations that were approved from `since` until before `until`, the oldest first."""
    asked = decisions.c.facts
    query = (
        select(
            decisions.c.id, elements.c.payment_id, cast(asked["amount"].as_string(), BigInteger),
            asked["currency"].as_string(), asked["fields"],
        )
        .join(elements, elements.c.decision_id == decisions.c.id)
        .where(
            decisions.c.program_id == program_id, decisions.c.kind == ElementKind.AUTHORIZATION,
            decisions.c.outcome == "approved", decisions.c.decided_at < until,
        )
        .order_by(decisions.c.decided_at, decisions.c.id)
    )  # fmt: skip
    if since is not None:
        query = query.where(decisions.c.decided_at >= since)
    return [Asked(*row) for row in await session.execute(query)]


async def unrecorded(session: Session, source: str, references: Sequence[str]) -> set[str]:
    """Return those of a network's references that no element has."""
    found = await session.execute(
        select(elements.c.external_id).where(
            elements.c.source == source, elements.c.external_id.in_(references)
        )
    )
    return set(references) - set(found.scalars())


async def unopened(session: Session, source: str, references: Sequence[str]) -> set[str]:
    """Return those of a network's authorizations that no payment is about."""
    found = await session.execute(
        select(payments.c.reference).where(payments.c.source == source, payments.c.reference.in_(references))
    )
    return set(references) - set(found.scalars())


async def some_open_references(
    session: Session, source: str, *, opened_before: datetime, limit: int
) -> Sequence[str]:
    """Return the network's references of some payments that hold money, different ones each time."""
    rows = await session.execute(
        select(payments.c.reference)
        .where(payments.c.source == source, payments.c.held > 0, payments.c.opened_at < opened_before)
        .order_by(func.random())
        .limit(limit)
    )
    return rows.scalars().all()


async def is_holding(session: Session, root_card_id: str) -> bool:
    """Answer whether a payment of a chain of cards holds money."""
    query = select(payments.c.id).where(payments.c.root_card_id == root_card_id, payments.c.held > 0)
    return (await session.execute(query.limit(1))).first() is not None


async def decisions_by_id(session: Session, ids: Sequence[str]) -> Mapping[str, Decision]:
    """Return decisions by their ids."""
    rows = await session.execute(select(decisions).where(decisions.c.id.in_(ids)))
    return {row.id: decision_from_row(row) for row in rows}


async def payment_id_of(session: Session, decision_id: str) -> str | None:
    """Return the payment that a decision let go on or declined; None when it stands for itself."""
    query = select(elements.c.payment_id).where(elements.c.decision_id == decision_id)
    found: str | None = (await session.execute(query)).scalars().first()
    return found


async def cards_of(session: Session, payment_ids: Sequence[str]) -> Mapping[str, str]:
    """Return the card of each payment."""
    query = select(payments.c.id, payments.c.card_id).where(payments.c.id.in_(payment_ids))
    return {row.id: row.card_id for row in await session.execute(query)}


async def every_decision(session: Session, *, after: str = "", batch: int = 500) -> AsyncIterator[Decision]:
    """Yield all decisions in the order of their ids, a batch in memory at a time."""
    while True:
        rows = (
            await session.execute(
                select(decisions).where(decisions.c.id > after).order_by(decisions.c.id).limit(batch)
            )
        ).all()
        for row in rows:
            yield decision_from_row(row)
        if len(rows) < batch:
            return
        after = rows[-1].id


async def every_payment(
    session: Session, *, after: str = "", batch: int = 500
) -> AsyncIterator[tuple[Payment, int, int, int, str]]:
    """Yield all payments with their stored (held, posted, amount, status), a batch in memory at a time."""
    while True:
        rows = (
            await session.execute(
                select(payments).where(payments.c.id > after).order_by(payments.c.id).limit(batch)
            )
        ).all()
        for row, payment in zip(rows, await with_elements(session, rows), strict=True):
            yield payment, row.held, row.posted, row.amount, row.status
        if len(rows) < batch:
            return
        after = rows[-1].id
