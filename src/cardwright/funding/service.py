"""Use cases of top-ups: request, charge, learn the outcome, credit the wallet exactly once, give up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from cardwright import audit, kyc, ledger
from cardwright.access import Viewer
from cardwright.core.clock import Clock
from cardwright.core.errors import NotFound, Unavailable
from cardwright.core.ids import new_id
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.funding import domain, method_store, store
from cardwright.funding.domain import ChargeResult, ChargeStatus, Origin, TopUp, TopUpReason, TopUpState
from cardwright.funding.polling import POLL_BATCH, SILENCE_BEFORE_POLL, refresh_each
from cardwright.funding.ports import FundingGateway, PaymentSource, TopUpReturn
from cardwright.programs import Program

_EVENTS: Final = {
    TopUpState.SUCCEEDED: "funding.top_up_succeeded",
    TopUpState.FAILED: "funding.top_up_failed",
    TopUpState.CANCELED: "funding.top_up_canceled",
    TopUpState.REVIEW: "funding.top_up_held_for_review",
}


async def request_top_up(
    session: Session, clock: Clock, program: Program, *, user_id: str, money: Money, token: Sensitive
) -> TopUp:
    """Record that a person adds money; the worker charges the payment method.

    Raises Invalid `currency_not_supported`, `amount_out_of_bounds`; Conflict `kyc_required`,
    `level_exceeded`.
    """
    domain.ensure_within_bounds(money, program_currency=program.currency)
    await ensure_level_allows(session, clock, program.id, user_id, money)
    return await add(session, _requested(clock, program.id, user_id, money), token=token)


async def request_with_saved_method(
    session: Session, clock: Clock, program: Program, *, user_id: str, money: Money, method_id: str
) -> TopUp:
    """Record that a person adds money from a method they keep.

    Raises what `request_top_up` raises, Invalid `payment_method_unknown` and Conflict
    `payment_method_not_ready`.
    """
    domain.ensure_within_bounds(money, program_currency=program.currency)
    await ensure_level_allows(session, clock, program.id, user_id, money)
    method = domain.ensure_chargeable(await method_store.find_method(session, method_id), user_id=user_id)
    requested = _requested(clock, program.id, user_id, money)
    return await add(session, replace(requested, payment_method_id=method.id), token=None)


async def ensure_level_allows(
    session: Session, clock: Clock, program_id: str, user_id: str, money: Money
) -> None:
    """Raise Conflict `kyc_required` or `level_exceeded` where a person would have or add more than they may.

    The wallet is locked: who adds at the same time waits, and is counted.
    """
    wallet = await ledger.wallet_for_update(
        session, program_id=program_id, user_id=user_id, currency=money.currency
    )
    at = clock.now()
    under_way, added = await store.added_by(session, user_id, since=at - kyc.MONTH)
    await kyc.ensure_may_add(
        session, program_id, user_id, balance=wallet.posted_balance + under_way + money.amount,
        added=added + money.amount, at=at,
    )  # fmt: skip


async def add(session: Session, requested: TopUp, *, token: Sensitive | None) -> TopUp:
    """Store a requested top-up, announce it to the worker, and write down who asked for it."""
    await store.insert_top_up(session, requested, token=token)
    await _append(session, "funding.top_up_requested", requested)
    by = requested.user_id if requested.origin is Origin.HOLDER else "system"
    details = {
        "amount": requested.amount,
        "currency": requested.currency,
        "origin": requested.origin,
        "payment_method_id": requested.payment_method_id,
    }
    at = requested.created_at
    await audit.record(session, by, requested.program_id, "top_up.requested", requested.id, details, at)
    return requested


async def get_top_up(session: Session, top_up_id: str, *, viewer: Viewer) -> TopUp:
    """Return a top-up within a viewer's sight; raise NotFound for any other."""
    found = await store.find_top_up(session, top_up_id)
    if found is None or not viewer.sees(found):
        raise _unknown()
    return found


async def list_visible(
    session: Session, viewer: Viewer, *, cursor: str | None, limit: int
) -> Sequence[TopUp]:
    """Return up to `limit + 1` top-ups within a viewer's sight, newest first."""
    return await store.page_visible(session, viewer, cursor=cursor, limit=limit + 1)


async def cancel_top_up(session: Session, clock: Clock, top_up_id: str, *, user_id: str) -> TopUp:
    """Give up a top-up of one's own: at once when nobody was asked for the money, else at the gateway.

    A payment that succeeds meanwhile stands. Raises NotFound `top_up_unknown`, Conflict `top_up_ended`.
    """
    found = await store.lock_top_up(session, top_up_id)
    if found is None or found.user_id != user_id:
        raise _unknown()
    domain.ensure_cancelable(found)
    now = clock.now()
    await audit.record(session, user_id, found.program_id, "top_up.cancel_requested", found.id, {}, now)
    if found.state is TopUpState.REQUESTED and found.attempted_at is None:
        return await _apply(session, found, ChargeResult(ChargeStatus.CANCELED), clock)
    await store.mark_cancel_requested(session, found.id, at=now)
    await _append(session, "funding.top_up_cancel_requested", found)
    return replace(found, cancel_requested_at=now)


async def charge_requested(work: Work, event: Event) -> None:
    """Charge a requested top-up; one that the gateway has answered for is left alone."""
    # Whether it was ever tried is written down before: what was not can be canceled without the gateway.
    async with work.transaction() as session:
        uncharged = await store.begin_attempt(session, event.subject_id, at=work.clock.now())
        source = None if uncharged is None else await _source(session, *uncharged)
    if uncharged is None:
        return
    top_up, gateway = uncharged[0], work.get(FundingGateway)
    if source is None:
        result = ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.PAYMENT_METHOD_INVALID)
    elif domain.is_chargeable(top_up, at=work.clock.now()):
        result = await gateway.charge(top_up, source, work.get(TopUpReturn).url_of(top_up))
    else:
        passed = ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.CHARGE_WINDOW_PASSED)
        result = await gateway.find_charge(top_up) or passed
    await _record(work, replace(result, top_up_id=top_up.id))


async def cancel_at_gateway(work: Work, event: Event) -> None:
    """Give up a charge that its payer does not want any more; raise Unavailable while it has no answer."""
    async with work.transaction() as session:
        found = await store.find_top_up(session, event.subject_id)
    if found is None or found.state not in domain.OPEN_STATES:
        return
    if found.provider_reference is None:
        raise Unavailable("charge_unanswered", "The gateway has not answered for this charge yet.")
    await _record(work, await work.get(FundingGateway).cancel(found.provider_reference, is_abandoned=False))


async def close_failed(work: Work, event: Event) -> None:
    """Close what a failed attempt left open at the gateway, so that nobody pays it later."""
    async with work.transaction() as session:
        found = await store.find_top_up(session, event.subject_id)
    if found is not None and found.provider_reference is not None:
        gateway = work.get(FundingGateway)
        await _record(work, await gateway.cancel(found.provider_reference, is_abandoned=True))


async def refresh_top_up(work: Work, provider_reference: str) -> None:
    """Ask the gateway how a charge stands and apply the answer; a charge that is not ours is ignored.

    The top-up is found by the reference, or by our id in the gateway's answer when a webhook overtakes the
    answer to the charge.
    """
    await _record(work, await work.get(FundingGateway).look_up(provider_reference))


async def refresh_silent_top_ups(work: Work) -> None:
    """Refresh charges whose webhook may have been lost."""
    async with work.transaction() as session:
        since = work.clock.now() - SILENCE_BEFORE_POLL
        references = await store.silent_references(session, since=since, limit=POLL_BATCH)
    await refresh_each(work, references, refresh_top_up)


async def expire_abandoned_top_ups(work: Work) -> None:
    """Give up the charges that nobody has confirmed in time."""
    async with work.transaction() as session:
        before = work.clock.now() - domain.ACTION_WINDOW
        references = await store.unconfirmed_references(session, before=before, limit=POLL_BATCH)
    await refresh_each(work, references, _abandon)


async def _abandon(work: Work, reference: str) -> None:
    await _record(work, await work.get(FundingGateway).cancel(reference, is_abandoned=True))


async def _source(session: Session, top_up: TopUp, token: Sensitive | None) -> PaymentSource | None:
    if token is not None:
        return PaymentSource(token)
    method = await method_store.find_method(session, str(top_up.payment_method_id))
    customer = await method_store.find_customer(session, top_up.user_id)
    if method is None or method.provider_reference is None or customer is None:
        return None
    return PaymentSource(Sensitive(method.provider_reference), customer)


async def _record(work: Work, result: ChargeResult) -> None:
    async with work.transaction() as session:
        known = await store.find_for_update(
            session, provider_reference=result.reference, top_up_id=result.top_up_id
        )
        if known is not None:
            await _apply(session, known, result, work.clock)


async def _apply(session: Session, known: TopUp, result: ChargeResult, clock: Clock) -> TopUp:
    now = clock.now()
    changed = domain.apply(known, result, at=now)
    await store.save(session, changed, heard_at=now)
    if changed.state is known.state:
        return changed
    if changed.state is TopUpState.SUCCEEDED:
        await _credit(session, changed)
    if changed.state in _EVENTS:
        await _append(session, _EVENTS[changed.state], changed)
    return changed


async def _credit(session: Session, top_up: TopUp) -> None:
    await ledger.credit_wallet(
        session,
        program_id=top_up.program_id,
        user_id=top_up.user_id,
        currency=top_up.currency,
        amount=top_up.amount,
        contra="funding_in_transit",
        kind="top_up",
        external_id=f"top_up:{top_up.id}",
        at=top_up.updated_at,
    )


async def _append(session: Session, event_type: str, top_up: TopUp) -> None:
    payload: dict[str, Any] = {
        "user_id": top_up.user_id,
        "amount": top_up.amount,
        "currency": top_up.currency,
    }
    if top_up.origin is Origin.AUTO:
        payload["origin"] = top_up.origin
    if top_up.reason_code is not None:
        payload["reason_code"] = top_up.reason_code
    event = Event(event_type, top_up.program_id, top_up.id, top_up.updated_at, payload)
    await outbox.append(session, event)


def _requested(clock: Clock, program_id: str, user_id: str, money: Money) -> TopUp:
    now = clock.now()
    return TopUp(
        id=new_id("topup"),
        program_id=program_id,
        user_id=user_id,
        amount=money.amount,
        currency=money.currency,
        state=TopUpState.REQUESTED,
        created_at=now,
        updated_at=now,
    )


def _unknown() -> NotFound:
    return NotFound("top_up_unknown", "There is no such top-up.")


SUBSCRIPTIONS: Final = (
    Subscription("funding.charge_top_up", "funding.top_up_requested", charge_requested),
    Subscription("funding.cancel_top_up", "funding.top_up_cancel_requested", cancel_at_gateway),
    Subscription("funding.close_failed_top_up", "funding.top_up_failed", close_failed),
)
