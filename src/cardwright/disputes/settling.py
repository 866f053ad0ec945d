"""The money of a dispute: brought to what its state asks for, by the difference, whatever came before.

The wallet is locked first, then the dispute: whoever moves money of a holder waits at the same door.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cardwright import audit, ledger
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.disputes import domain, store
from cardwright.disputes.domain import Dispute, DisputeState, Movement, Snapshot
from cardwright.disputes.recording import tell
from cardwright.disputes.store import Step
from cardwright.ledger import Account

_SUSPENSE: Final = "dispute_suspense"
_SETTLEMENT: Final = "issuer_settlement"
_ENDS: Final[dict[DisputeState, tuple[str, audit.Action]]] = {
    DisputeState.WON: ("dispute_won", "dispute.won"),
    DisputeState.LOST: ("dispute_lost", "dispute.lost"),
    DisputeState.EXPIRED: ("dispute_expired", "dispute.expired"),
}


async def settle_dispute(work: Work, event: Event) -> None:
    """Bring a dispute's money to what its present state asks for."""
    async with work.transaction() as session:
        locked = await lock(session, event.subject_id)
        if locked is not None:
            wallet, dispute = locked
            await store.save(session, await settled(session, wallet, dispute, work.clock.now()))


async def converge(session: Session, dispute_id: str, snapshot: Snapshot, at: datetime) -> Dispute | None:
    """Bring a dispute to what the network shows of it; duplicates, stale news and any order end the same.

    None when there is no such dispute: the network's account may have others.
    """
    locked = await lock(session, dispute_id)
    if locked is None:
        return None
    wallet, before = locked
    heard = domain.hear(before, snapshot, at)
    for movement in snapshot.movements:
        heard = await _take(session, heard, movement, at)
    await _tell_end(session, before, heard, at)
    after = await settled(session, wallet, heard, at)
    await store.save(session, after)
    return after


async def lock(session: Session, dispute_id: str) -> tuple[Account, Dispute] | None:
    """Return a dispute with its holder's wallet, both locked in the order that everybody keeps."""
    found = await store.find_dispute(session, dispute_id)
    if found is None:
        return None
    wallet = await ledger.wallet_for_update(
        session, program_id=found.program_id, user_id=found.user_id, currency=found.currency
    )
    return wallet, await store.find_dispute(session, dispute_id, lock=True) or found


async def settled(session: Session, wallet: Account, dispute: Dispute, at: datetime) -> Dispute:
    """Return a locked dispute once the holder has of it what is due, no more and no less."""
    lacking = dispute.advance_due - dispute.advanced
    if lacking == 0:
        return dispute
    number = dispute.entries + 1
    external_id = f"dispute:{dispute.id}:{number}"
    if lacking > 0:
        await ledger.credit_wallet(
            session, program_id=dispute.program_id, user_id=dispute.user_id, currency=dispute.currency,
            amount=lacking, contra=_SUSPENSE, kind="dispute_credit", external_id=external_id, at=at,
            payment_id=dispute.payment_id,
        )  # fmt: skip
    else:
        await ledger.debit_wallet(
            session, wallet=wallet, amount=-lacking, contra=_SUSPENSE, kind="dispute_credit_reversal",
            external_id=external_id, at=at, payment_id=dispute.payment_id,
        )  # fmt: skip
    what = "dispute_credited" if lacking > 0 else "dispute_credit_reversed"
    await tell(session, dispute, what, "system", at, amount=abs(lacking))
    return replace(dispute, advanced=dispute.advanced + lacking, entries=number)


async def _take(session: Session, dispute: Dispute, movement: Movement, at: datetime) -> Dispute:
    if movement.amount == 0:
        return dispute
    is_ours = movement.amount > 0
    entry = await ledger.move_between_shared(
        session, program_id=dispute.program_id, currency=dispute.currency, amount=abs(movement.amount),
        debit=_SETTLEMENT if is_ours else _SUSPENSE, credit=_SUSPENSE if is_ours else _SETTLEMENT,
        kind="dispute_recovery" if is_ours else "dispute_recovery_reversal",
        external_id=f"{dispute.source}:{movement.reference}", at=at, payment_id=dispute.payment_id,
    )  # fmt: skip
    return (
        replace(dispute, recovered=dispute.recovered + movement.amount) if entry.was_posted_now else dispute
    )


async def _tell_end(session: Session, before: Dispute, after: Dispute, at: datetime) -> None:
    if after.is_filed and not before.is_filed and after.state is DisputeState.SUBMITTED:
        await store.add_step(session, after, Step("filed", "network", None, at))
    if after.state is before.state or after.state not in _ENDS:
        return
    what, action = _ENDS[after.state]
    more: dict[str, Any] = {} if after.loss_reason is None else {"loss_reason": after.loss_reason.value}
    await tell(session, after, what, "network", at, **more)
    details = {"owner_id": after.user_id, "payment_id": after.payment_id, "amount": after.amount}
    await audit.record(session, "network", after.program_id, action, after.id, details, at)
