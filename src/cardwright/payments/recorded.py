"""What was recorded of a network's money and holds, for whoever compares it with what the network says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from cardwright.db.session import Session
from cardwright.payments.domain import ElementKind
from cardwright.payments.store import elements, payments

_MONEY: Final = (ElementKind.CLEARING, ElementKind.FORCE_POST, ElementKind.REFUND)


@dataclass(frozen=True, slots=True)
class MovedMoney:
    """An element that moved money: a positive amount in minor units; `reference` is its payment's."""

    external_id: str
    kind: ElementKind
    amount: int
    currency: str
    payment_id: str
    reference: str
    card_id: str
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """What a payment holds in minor units, and when its newest element was recorded."""

    reference: str
    payment_id: str
    card_id: str
    held: int
    currency: str
    opened_at: datetime
    changed_at: datetime


async def moved_ids(
    session: Session, *, program_id: str, source: str, since: datetime, until: datetime
) -> Sequence[str]:
    """Return the network's ids of the elements that moved money and were recorded between two instants."""
    rows = await session.execute(
        select(elements.c.external_id)
        .join(payments, payments.c.id == elements.c.payment_id)
        .where(
            elements.c.recorded_at.between(since, until),
            elements.c.kind.in_(_MONEY),
            elements.c.source == source,
            payments.c.program_id == program_id,
        )
    )
    return rows.scalars().all()


async def moved_money(
    session: Session, *, program_id: str, source: str, external_ids: Sequence[str]
) -> Sequence[MovedMoney]:
    """Return those elements with the network's ids that moved money."""
    rows = await session.execute(
        select(
            elements.c.external_id, elements.c.kind, elements.c.amount, payments.c.currency, payments.c.id,
            payments.c.reference, payments.c.card_id, elements.c.occurred_at, elements.c.recorded_at,
        )
        .join(payments, payments.c.id == elements.c.payment_id)
        .where(
            elements.c.source == source, elements.c.external_id.in_(external_ids),
            elements.c.kind.in_(_MONEY), payments.c.program_id == program_id,
        )
    )  # fmt: skip
    return [MovedMoney(row[0], ElementKind(row[1]), *row[2:]) for row in rows]


async def holding_references(session: Session, *, program_id: str, source: str) -> Sequence[str]:
    """Return the network's references of all payments that hold money."""
    rows = await session.execute(
        select(payments.c.reference).where(
            payments.c.program_id == program_id, payments.c.source == source, payments.c.held > 0
        )
    )
    return rows.scalars().all()


async def held_money(
    session: Session, *, program_id: str, source: str, references: Sequence[str]
) -> Sequence[HeldMoney]:
    """Return what the payments of the network's references hold, which may be nothing any more."""
    newest = func.coalesce(func.max(elements.c.recorded_at), payments.c.opened_at)
    rows = await session.execute(
        select(
            payments.c.reference, payments.c.id, payments.c.card_id, payments.c.held, payments.c.currency,
            payments.c.opened_at, newest,
        )
        .outerjoin(elements, elements.c.payment_id == payments.c.id)
        .where(
            payments.c.program_id == program_id, payments.c.source == source,
            payments.c.reference.in_(references),
        )
        .group_by(payments.c.id)
    )  # fmt: skip
    return [HeldMoney(*row) for row in rows]
