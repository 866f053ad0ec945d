"""Recording an element: the money it moves, the row it becomes, the event that tells of it, in one go.

The payment's wallet is locked by whoever calls, and with it every payment of the holder.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cardwright import ledger
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.db.together import together
from cardwright.ledger import Account
from cardwright.payments import store
from cardwright.payments.domain import Element, ElementKind, Payment, validity

_SETTLEMENT: Final = "issuer_settlement"
_HOLDING: Final = (ElementKind.AUTHORIZATION, ElementKind.INCREMENT)
_EVENTS: Final[Mapping[ElementKind, str]] = {
    ElementKind.AUTHORIZATION: "payments.authorization_approved",
    ElementKind.INCREMENT: "payments.authorization_incremented",
    ElementKind.REVERSAL: "payments.authorization_reversed",
    ElementKind.EXPIRY: "payments.hold_expired",
    ElementKind.CLEARING: "payments.payment_cleared",
    ElementKind.FORCE_POST: "payments.payment_cleared",
    ElementKind.REFUND: "payments.refund_received",
}


def next_element(payment: Payment, kind: ElementKind, amount: int, at: datetime, **more: Any) -> Element:
    """Return the payment's next element; without an id of the network it is named by its sequence."""
    sequence = len(payment.elements) + 1
    external_id = more.pop("external_id", f"{payment.reference}#{sequence}")
    return Element(sequence, kind, amount, external_id, at, **more)


async def record(
    session: Session, payment: Payment, wallet: Account, element: Element, *, at: datetime,
    told: Mapping[str, Any] | None = None,
) -> tuple[Payment, Account]:  # fmt: skip
    """Append an element and move its money; return the payment and the wallet as they are now.

    `told` adds members to the event's payload.
    """
    grown = replace(payment, elements=(*payment.elements, element))
    if element.approved and element.kind not in _HOLDING:
        moved = await _move_money(session, grown, wallet, element, at)
        await _write(session, grown, element, wallet, moved, at, told)
        return grown, moved
    # What a hold leaves of a locked wallet is known before it is placed: all travels together.
    amount = _set_aside(wallet, element) if element.approved else 0
    held = replace(wallet, held=wallet.held + amount)
    await together(
        session,
        _hold(session, grown, wallet, amount, at),
        _write(session, grown, element, wallet, held, at, told),
    )
    return grown, held


async def _write(
    session: Session, payment: Payment, element: Element, before: Account, after: Account, at: datetime,
    told: Mapping[str, Any] | None,
) -> None:  # fmt: skip
    await together(
        session,
        store.insert_element(session, payment, element, before=before, after=after, at=at),
        outbox.append(session, _event(payment, element, at, told or {})),
    )


def _set_aside(wallet: Account, element: Element) -> int:
    # Our own approvals are covered. Where the network approved in our stead, what is there is set aside and
    # the rest becomes a receivable when it clears.
    return min(element.amount, max(0, wallet.available_balance))


async def _hold(session: Session, payment: Payment, wallet: Account, amount: int, at: datetime) -> None:
    if amount:
        expires_at = at + validity(payment.merchant.mcc, payment.totals.held)
        await ledger.place_hold(session, wallet, payment_id=payment.id, amount=amount, expires_at=expires_at)


async def _move_money(
    session: Session, payment: Payment, wallet: Account, element: Element, at: datetime
) -> Account:
    match element.kind:
        case ElementKind.REVERSAL | ElementKind.EXPIRY:
            excess = await _excess(session, payment)
            return await ledger.release_hold(session, wallet, payment_id=payment.id, amount=excess)
        case ElementKind.CLEARING | ElementKind.FORCE_POST:
            return await ledger.capture_hold(
                session, wallet, payment_id=payment.id, amount=element.amount,
                release=await _excess(session, payment), contra=_SETTLEMENT, kind=element.kind,
                external_id=f"{payment.source}:{element.external_id}", at=at,
            )  # fmt: skip
        case ElementKind.REFUND:
            return await _give_back(session, payment, wallet, element, at)
        case _:
            raise ValueError(f"{element.kind} holds money and moves none")


async def _excess(session: Session, payment: Payment) -> int:
    # Held money that the payment, as it is now, no longer needs.
    hold = await ledger.find_hold(session, payment.id)
    return max(0, hold.remaining - payment.totals.held) if hold else 0


async def _give_back(
    session: Session, payment: Payment, wallet: Account, element: Element, at: datetime
) -> Account:
    await ledger.credit_wallet(
        session, program_id=wallet.program_id, user_id=wallet.owner_id, currency=wallet.currency,
        amount=element.amount, contra=_SETTLEMENT, kind=element.kind, payment_id=payment.id,
        external_id=f"{payment.source}:{element.external_id}", at=at,
    )  # fmt: skip
    return await ledger.wallet_for_update(
        session, program_id=wallet.program_id, user_id=wallet.owner_id, currency=wallet.currency
    )


def _event(payment: Payment, element: Element, at: datetime, told: Mapping[str, Any]) -> Event:
    name = _EVENTS[element.kind] if element.approved else "payments.authorization_declined"
    payload = {
        "user_id": payment.user_id,
        "payment_id": payment.id,
        "card_id": payment.card_id,
        "last4": payment.last4,
        "amount": element.amount,
        "currency": payment.currency,
        "merchant_name": payment.merchant.name,
        "sequence": element.sequence,
        **told,
    }
    return Event(name, payment.program_id, payment.id, at, payload)
