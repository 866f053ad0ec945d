"""Use cases of money going back: reserve it, refund top-ups at the gateway, post what is confirmed.

Locks are taken in the ledger's order: the wallet, then the refund. Whoever holds the wallet's lock is alone
with all withdrawals of its owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit, ledger
from cardwright.access import Viewer
from cardwright.core.clock import Clock
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.core.money import Money
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.funding import dispute_store, domain, service, withdrawal_store
from cardwright.funding.domain import (
    Refund,
    RefundReason,
    RefundResult,
    RefundState,
    Source,
    TopUpState,
    Withdrawal,
    WithdrawalKind,
    WithdrawalOrder,
    WithdrawalState,
)
from cardwright.funding.polling import POLL_BATCH, SILENCE_BEFORE_POLL, refresh_each
from cardwright.funding.ports import RefundGateway
from cardwright.ledger import Account
from cardwright.programs import Program

RETURNS_WATCHED: Final = timedelta(days=14)
"""For how long a refund that was confirmed is asked about again: banks send some back."""
SILENCE_AFTER_SUCCESS: Final = timedelta(hours=6)
_HELD: Final = timedelta(days=3650)
_CONTRA: Final = "funding_in_transit"
_EVENTS: Final = {
    WithdrawalState.SUCCEEDED: "funding.withdrawal_succeeded",
    WithdrawalState.PARTLY_SUCCEEDED: "funding.withdrawal_partly_succeeded",
    WithdrawalState.FAILED: "funding.withdrawal_failed",
}


@dataclass(frozen=True, slots=True)
class _Wish:
    kind: WithdrawalKind
    by: str
    reason: str | None
    at: datetime


async def request_withdrawal(
    session: Session, clock: Clock, program: Program, *, user_id: str, money: Money, order: WithdrawalOrder
) -> Withdrawal:
    """Reserve a part of one's available balance to be refunded to the top-ups it came from.

    Raises Invalid `currency_not_supported`; Conflict `top_up_disputed`, `funds_insufficient`,
    `not_refundable`.
    """
    if money.currency != program.currency:
        raise Invalid("currency_not_supported", f"This program is in {program.currency}.")
    wallet = await ledger.wallet_for_update(
        session, program_id=program.id, user_id=user_id, currency=money.currency
    )
    if await dispute_store.count_open(session, program.id, user_id):
        raise Conflict("top_up_disputed", "A top-up is disputed at your bank; wait until that is decided.")
    sources = await withdrawal_store.sources(
        session, program_id=program.id, user_id=user_id, currency=money.currency, order=order
    )
    wish = _Wish(WithdrawalKind.WITHDRAWAL, user_id, None, clock.now())
    return await _reserve(session, wallet, domain.allocate(money.amount, sources), wish)


async def refund_top_up(
    session: Session,
    clock: Clock,
    top_up_id: str,
    *,
    amount: int | None,
    reason: str,
    by: str,
    viewer: Viewer,
) -> Withdrawal:
    """Give a top-up back for its owner, or `amount` of it in minor units: what staff do.

    Raises NotFound `top_up_unknown`; Conflict `top_up_not_paid`, `funds_insufficient`, `not_refundable`.
    """
    top_up = await service.get_top_up(session, top_up_id, viewer=viewer)
    if top_up.state is not TopUpState.SUCCEEDED:
        raise Conflict("top_up_not_paid", f"This top-up is {top_up.state}; there is nothing to give back.")
    wallet = await ledger.wallet_for_update(
        session, program_id=top_up.program_id, user_id=top_up.user_id, currency=top_up.currency
    )
    sources = await withdrawal_store.sources(
        session, program_id=top_up.program_id, user_id=top_up.user_id, currency=top_up.currency,
        order=WithdrawalOrder.NEWEST_FIRST, top_up_id=top_up.id,
    )  # fmt: skip
    wanted = amount if amount is not None else sum(source.left for source in sources) or top_up.amount
    wish = _Wish(WithdrawalKind.REFUND, by, reason, clock.now())
    return await _reserve(session, wallet, domain.allocate(wanted, sources), wish)


async def get_withdrawal(
    session: Session, withdrawal_id: str, *, viewer: Viewer
) -> tuple[Withdrawal, Sequence[Refund]]:
    """Return a withdrawal within a viewer's sight and its refunds; raise NotFound for any other."""
    found = await withdrawal_store.find_withdrawal(session, withdrawal_id)
    if found is None or not viewer.sees(found):
        raise NotFound("withdrawal_unknown", "There is no such withdrawal.")
    return found, await withdrawal_store.refunds_of(session, [found.id])


async def list_visible(
    session: Session, viewer: Viewer, *, cursor: str | None, limit: int
) -> Sequence[tuple[Withdrawal, Sequence[Refund]]]:
    """Return up to `limit + 1` withdrawals within a viewer's sight with their refunds, newest first."""
    found = await withdrawal_store.page_visible(session, viewer, cursor=cursor, limit=limit + 1)
    parts = await withdrawal_store.refunds_of(session, [withdrawal.id for withdrawal in found])
    return [(it, [part for part in parts if part.withdrawal_id == it.id]) for it in found]


async def execute_refund(work: Work, event: Event) -> None:
    """Refund at the gateway what was requested; what it has answered for is left alone."""
    async with work.transaction() as session:
        waiting = await withdrawal_store.begin_attempt(session, event.subject_id, at=work.clock.now())
    if waiting is None:
        return
    (refund, charge_reference), gateway = waiting, work.get(RefundGateway)
    if domain.is_repeatable(refund, at=work.clock.now()):
        result = await gateway.refund(refund, charge_reference)
    else:
        # The gateway may have forgotten the first attempt by now: asking again could refund twice.
        passed = RefundResult(RefundState.FAILED, reason_code=RefundReason.REFUND_WINDOW_PASSED)
        result = await gateway.find_refund(refund, charge_reference) or passed
    await _record(work, replace(result, refund_id=refund.id))


async def refresh_refund(work: Work, provider_reference: str) -> None:
    """Ask the gateway how a refund stands and apply the answer; one that is not ours is ignored."""
    await _record(work, await work.get(RefundGateway).look_up_refund(provider_reference))


async def refresh_silent_refunds(work: Work) -> None:
    """Refresh refunds whose webhook may have been lost, and those that a bank may have sent back."""
    now = work.clock.now()
    async with work.transaction() as session:
        references = await withdrawal_store.silent_references(
            session, pending_since=now - SILENCE_BEFORE_POLL, succeeded_since=now - SILENCE_AFTER_SUCCESS,
            watched_from=now - RETURNS_WATCHED, limit=POLL_BATCH,
        )  # fmt: skip
    await refresh_each(work, references, refresh_refund)


async def _reserve(session: Session, wallet: Account, parts: Sequence[Source], wish: _Wish) -> Withdrawal:
    amount = sum(part.left for part in parts)
    if amount > wallet.available_balance - await _owed(session, wallet):
        raise Conflict("funds_insufficient", "The available balance, less what is owed, does not cover it.")
    withdrawal = Withdrawal(
        id=new_id("wdr"), program_id=wallet.program_id, user_id=wallet.owner_id, kind=wish.kind,
        amount=amount, currency=wallet.currency, state=WithdrawalState.PENDING, returned=0,
        requested_by=wish.by, reason=wish.reason, created_at=wish.at, updated_at=wish.at,
    )  # fmt: skip
    # A hold of a withdrawal does not run out: what the gateway was asked for may still happen.
    await ledger.place_hold(
        session, wallet, payment_id=withdrawal.id, amount=amount, expires_at=wish.at + _HELD
    )
    refunds = [_refund(withdrawal, part) for part in parts]
    await withdrawal_store.insert_withdrawal(session, withdrawal, refunds)
    requested = [
        Event("funding.refund_requested", it.program_id, it.id, wish.at, {"user_id": it.user_id})
        for it in refunds
    ]
    await outbox.append(session, *requested)
    details = {"kind": wish.kind, "amount": amount, "currency": wallet.currency, "reason": wish.reason,
               "top_ups": [part.top_up_id for part in parts]}  # fmt: skip
    await audit.record(
        session, wish.by, wallet.program_id, "withdrawal.requested", withdrawal.id, details, wish.at
    )
    return withdrawal


def _refund(withdrawal: Withdrawal, part: Source) -> Refund:
    return Refund(
        id=new_id("rfnd"), withdrawal_id=withdrawal.id, top_up_id=part.top_up_id,
        program_id=withdrawal.program_id, user_id=withdrawal.user_id, amount=part.left,
        currency=withdrawal.currency, state=RefundState.REQUESTED, created_at=withdrawal.created_at,
        updated_at=withdrawal.created_at,
    )  # fmt: skip


async def _owed(session: Session, wallet: Account) -> int:
    accounts = await ledger.owned_accounts(session, wallet.program_id, wallet.owner_id)
    return sum(
        it.posted_balance for it in accounts if it.code == "receivable" and it.currency == wallet.currency
    )


async def _record(work: Work, result: RefundResult) -> None:
    now = work.clock.now()
    async with work.transaction() as session:
        found = await withdrawal_store.find_refund(
            session, provider_reference=result.reference, refund_id=result.refund_id
        )
        if found is None:
            return
        wallet = await ledger.wallet_for_update(
            session, program_id=found.program_id, user_id=found.user_id, currency=found.currency
        )
        known = await withdrawal_store.lock_refund(session, found.id) or found
        changed = domain.apply_refund(known, result, at=now)
        await withdrawal_store.save_refund(session, changed, heard_at=now)
        if changed.state is not known.state:
            await _move(session, wallet, known, changed)
            await _conclude(session, changed.withdrawal_id, at=now)


async def _move(session: Session, wallet: Account, before: Refund, after: Refund) -> None:
    match after.state:
        case RefundState.SUCCEEDED:
            await ledger.capture_hold(
                session, wallet, payment_id=after.withdrawal_id, amount=after.amount, release=after.amount,
                contra=_CONTRA, kind="withdrawal", external_id=f"refund:{after.id}", at=after.updated_at,
            )  # fmt: skip
        case RefundState.FAILED if before.state is RefundState.SUCCEEDED:
            await ledger.credit_wallet(
                session, program_id=after.program_id, user_id=after.user_id, currency=after.currency,
                amount=after.amount, contra=_CONTRA, kind="withdrawal_returned",
                external_id=f"refund_returned:{after.id}", at=after.updated_at,
            )  # fmt: skip
        case RefundState.FAILED:
            await ledger.release_hold(session, wallet, payment_id=after.withdrawal_id, amount=after.amount)


async def _conclude(session: Session, withdrawal_id: str, *, at: datetime) -> None:
    known = await withdrawal_store.find_withdrawal(session, withdrawal_id)
    if known is None:
        return
    refunds = await withdrawal_store.refunds_of(session, [withdrawal_id])
    changed = domain.conclude(known, refunds, at=at)
    await withdrawal_store.save_withdrawal(session, changed)
    if changed.state is known.state or changed.state not in _EVENTS:
        return
    failed = next((part.reason_code for part in refunds if part.reason_code is not None), None)
    payload = {
        "user_id": changed.user_id,
        "amount": changed.amount,
        "returned": changed.returned,
        "currency": changed.currency,
        **({"reason_code": failed} if failed is not None else {}),
    }
    await outbox.append(session, Event(_EVENTS[changed.state], changed.program_id, changed.id, at, payload))


SUBSCRIPTIONS: Final = (Subscription("funding.execute_refund", "funding.refund_requested", execute_refund),)
