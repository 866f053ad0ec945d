"""What a statement says of payments: who was paid, in which currency, and what was held at an instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from cardwright import merchants
from cardwright.db.session import Session
from cardwright.payments.store import elements, payments


@dataclass(frozen=True, slots=True)
class PaymentText:
    """A payment as a line of paper names it; `charged` are the merchant's amounts by the ledger's entry.

    An amount stands there only where the merchant charged in another currency: (minor units, currency).
    """

    merchant_name: str
    last4: str | None
    charged: Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Money that a payment held at some time, in minor units."""

    payment_id: str
    opened_at: datetime
    amount: int


async def payment_texts(session: Session, payment_ids: Collection[str]) -> Mapping[str, PaymentText]:
    """Return what there is to say of payments, by their ids."""
    ids = list(payment_ids)
    found = await session.execute(
        select(payments.c.id, payments.c.merchant, payments.c.merchant_id, payments.c.last4).where(
            payments.c.id.in_(ids)
        )
    )
    foreign = await session.execute(
        select(elements.c.payment_id, elements.c.source, elements.c.external_id, elements.c.merchant_amount,
               elements.c.merchant_currency)
        .join(payments, payments.c.id == elements.c.payment_id)
        .where(elements.c.payment_id.in_(ids), elements.c.merchant_currency != payments.c.currency,
               elements.c.merchant_amount.is_not(None))
    )  # fmt: skip
    charged: dict[str, dict[str, tuple[int, str]]] = {}
    for row in foreign:
        of_payment = charged.setdefault(row.payment_id, {})
        of_payment[f"{row.source}:{row.external_id}"] = (row.merchant_amount, row.merchant_currency)
    rows = found.all()
    known = await merchants.find_merchants(session, [row.merchant_id for row in rows])
    return {
        row.id: PaymentText(
            _name(known.get(row.merchant_id), row.merchant), row.last4, charged.get(row.id, {})
        )
        for row in rows
    }


def _name(known: merchants.Merchant | None, told: Mapping[str, str]) -> str:
    # Payments from before there were identities have none.
    return known.name if known else merchants.clean_name(told["name"])


async def open_holds(
    session: Session, *, program_id: str, user_id: str, currency: str, until: datetime
) -> Sequence[OpenHold]:
    """Return what a person's payments held just before an instant, oldest first.

    Every element wrote down what its wallet held before and after, so the differences of a payment's
    elements add up to what the ledger held for it.
    """
    held = func.sum(elements.c.held_after - elements.c.held_before)
    rows = await session.execute(
        select(payments.c.id, payments.c.opened_at, held.label("held"))
        .join(elements, elements.c.payment_id == payments.c.id)
        .where(payments.c.program_id == program_id, payments.c.user_id == user_id,
               payments.c.currency == currency, payments.c.opened_at < until, elements.c.recorded_at < until)
        .group_by(payments.c.id)
        .having(held > 0)
        .order_by(payments.c.opened_at, payments.c.id)
    )  # fmt: skip
    return [OpenHold(row.id, row.opened_at, int(row.held)) for row in rows]
