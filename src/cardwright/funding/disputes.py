"""Use cases of disputed top-ups: learn how they stand, move the money once, apply the policy.

Whoever records a dispute holds the lock of its owner's wallet.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cardwright import audit, ledger
from cardwright.access import Viewer
from cardwright.core.errors import NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.funding import auto_store, dispute_store, domain, method_store, methods, service, store
from cardwright.funding.auto import switch_off
from cardwright.funding.domain import (
    DisputeResult,
    Movement,
    OffReason,
    TopUp,
    TopUpDispute,
    TopUpDisputeState,
    TopUpState,
)
from cardwright.funding.polling import POLL_BATCH, refresh_each
from cardwright.funding.ports import DisputeGateway
from cardwright.ledger import Account

SWEPT: Final = timedelta(days=7)
SILENCE_BEFORE_POLL: Final = timedelta(hours=1)
_CONTRA: Final = "funding_in_transit"
_TOLD: Final = {
    TopUpDisputeState.INQUIRY: "funding.top_up_dispute_inquired",
    TopUpDisputeState.OPEN: "funding.top_up_disputed",
    TopUpDisputeState.CLOSED: "funding.top_up_dispute_closed",
    TopUpDisputeState.LOST: "funding.top_up_dispute_lost",
    TopUpDisputeState.WON: "funding.top_up_dispute_won",
}


async def refresh_dispute(work: Work, reference: str) -> None:
    """Read a dispute at the gateway and bring its top-up, and then the dispute itself, to what it says."""
    result = await work.get(DisputeGateway).look_up_dispute(reference)
    if result.charge_reference is None:
        return
    # News of a dispute may overtake that of its payment: only what was credited can be taken back.
    await service.refresh_top_up(work, result.charge_reference)
    async with work.transaction() as session:
        top_up = await store.find_by_reference(session, result.charge_reference)
        if top_up is not None:
            await _record(session, work, top_up, result)


async def sweep_disputes(work: Work) -> None:
    """Find disputes whose webhook was lost, and look again at those that nobody has decided for long."""
    gateway, now = work.get(DisputeGateway), work.clock.now()
    recent = await gateway.disputes_since(now - SWEPT)
    async with work.transaction() as session:
        unknown = await dispute_store.unknown_references(session, recent)
        silent = await dispute_store.silent_references(
            session, since=now - SILENCE_BEFORE_POLL, limit=POLL_BATCH
        )
    await refresh_each(work, [*unknown, *silent], refresh_dispute)


async def get_dispute(session: Session, dispute_id: str, *, viewer: Viewer) -> TopUpDispute:
    """Return a dispute within a viewer's sight; raise NotFound for any other."""
    found = await dispute_store.find_dispute(session, dispute_id)
    if found is None or not viewer.sees(found):
        raise NotFound("top_up_dispute_unknown", "There is no such dispute.")
    return found


async def list_visible(
    session: Session, viewer: Viewer, *, cursor: str | None, limit: int
) -> Sequence[TopUpDispute]:
    """Return up to `limit + 1` disputes within a viewer's sight, newest first."""
    return await dispute_store.page_visible(session, viewer, cursor=cursor, limit=limit + 1)


async def _record(session: Session, work: Work, top_up: TopUp, result: DisputeResult) -> None:
    now = work.clock.now()
    wallet = await ledger.wallet_for_update(
        session, program_id=top_up.program_id, user_id=top_up.user_id, currency=top_up.currency
    )
    known = await dispute_store.find_by_reference(session, result.reference)
    is_new = known is None
    if known is None:
        known = _new_dispute(top_up, result, now)
        await dispute_store.insert_dispute(session, known)
    changed = domain.apply_dispute(known, result, at=now)
    await dispute_store.save_dispute(session, changed, heard_at=now)
    if top_up.state is TopUpState.SUCCEEDED:
        for movement in domain.in_order(result.movements):
            wallet = await _move(session, wallet, movement, now)
    if is_new or changed.state is not known.state:
        await _tell(session, changed, now)
        await _apply_policy(session, work, top_up, changed, now)


async def _move(session: Session, wallet: Account, movement: Movement, at: datetime) -> Account:
    # The ledger knows each movement by its reference, so that one told of again changes nothing.
    if movement.amount < 0:
        await ledger.debit_wallet(
            session, wallet=wallet, amount=-movement.amount, contra=_CONTRA, kind="top_up_dispute",
            external_id=f"dispute:{movement.reference}", at=at,
        )  # fmt: skip
    elif movement.amount > 0:
        await ledger.credit_wallet(
            session, program_id=wallet.program_id, user_id=wallet.owner_id, currency=wallet.currency,
            amount=movement.amount, contra=_CONTRA, kind="top_up_dispute_reversed",
            external_id=f"dispute:{movement.reference}", at=at,
        )  # fmt: skip
    return await ledger.wallet_for_update(
        session, program_id=wallet.program_id, user_id=wallet.owner_id, currency=wallet.currency
    )


async def _apply_policy(
    session: Session, work: Work, top_up: TopUp, dispute: TopUpDispute, at: datetime
) -> None:
    # Withdrawals are refused while a dispute is open and while anything is owed: see `withdrawals`.
    if dispute.state not in domain.CHARGED_BACK_STATES:
        return
    # Before the rule, as everybody locks them in this order.
    if dispute.state is TopUpDisputeState.LOST and top_up.payment_method_id is not None:
        method = await method_store.lock_method(session, top_up.payment_method_id)
        if method is not None:
            await methods.remove(session, work.clock, method, by="system")
    rule = await auto_store.lock_rule(session, dispute.user_id)
    if rule is not None:
        await switch_off(session, rule, OffReason.TOP_UP_DISPUTED, at=at)


async def _tell(session: Session, dispute: TopUpDispute, at: datetime) -> None:
    details = {"state": dispute.state, "top_up_id": dispute.top_up_id, "amount": dispute.amount}
    await audit.record(
        session, "gateway", dispute.program_id, "top_up_dispute.changed", dispute.id, details, at
    )
    payload = {"user_id": dispute.user_id, "amount": dispute.amount, "currency": dispute.currency}
    await outbox.append(session, Event(_TOLD[dispute.state], dispute.program_id, dispute.id, at, payload))


def _new_dispute(top_up: TopUp, result: DisputeResult, at: datetime) -> TopUpDispute:
    return TopUpDispute(
        id=new_id("tdis"), program_id=top_up.program_id, user_id=top_up.user_id, top_up_id=top_up.id,
        amount=result.amount, currency=result.currency, state=TopUpDisputeState.INQUIRY,
        reason=result.reason, respond_by=result.respond_by, provider_reference=result.reference,
        created_at=at, updated_at=at,
    )  # fmt: skip
