"""Use cases of money coming in: request, charge, learn the outcome, credit the wallet exactly once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from cardwright import audit, kyc, ledger
from cardwright.access import Viewer
from cardwright.core.clock import Clock
from cardwright.core.errors import NotFound
from cardwright.core.ids import new_id
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.funding import domain, store
from cardwright.funding.domain import ChargeResult, ChargeStatus, TopUp, TopUpReason, TopUpState
from cardwright.funding.ports import FundingGateway, TopUpReturn
from cardwright.programs import Program

SILENCE_BEFORE_POLL: Final = timedelta(minutes=5)
POLL_BATCH: Final = 50
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

    Raises Invalid `currency_not_supported`, `amount_out_of_bounds`; Conflict `kyc_required`.
    """
    domain.ensure_within_bounds(money, program_currency=program.currency)
    await kyc.ensure_verified(session, user_id)
    now = clock.now()
    requested = TopUp(
        id=new_id("topup"),
        program_id=program.id,
        user_id=user_id,
        amount=money.amount,
        currency=money.currency,
        state=TopUpState.REQUESTED,
        created_at=now,
        updated_at=now,
    )
    await store.insert_top_up(session, requested, payment_method_token=token)
    await _append(session, "funding.top_up_requested", requested)
    details = {"amount": money.amount, "currency": money.currency}
    await audit.record(session, user_id, program.id, "top_up.requested", requested.id, details, now)
    return requested


async def get_top_up(session: Session, top_up_id: str, *, viewer: Viewer) -> TopUp:
    """Return a top-up within a viewer's sight; raise NotFound for any other."""
    found = await store.find_top_up(session, top_up_id)
    if found is None or not viewer.sees(found):
        raise NotFound("top_up_unknown", "There is no such top-up.")
    return found


async def page_of_user(session: Session, *, user_id: str, cursor: str | None, limit: int) -> Sequence[TopUp]:
    """Return up to `limit + 1` top-ups of a person, newest first."""
    return await store.page_of_user(session, user_id=user_id, cursor=cursor, limit=limit + 1)


async def charge_requested(work: Work, event: Event) -> None:
    """Charge a requested top-up; one that the gateway has answered for is left alone."""
    async with work.transaction() as session:
        uncharged = await store.find_uncharged(session, event.subject_id)
    if uncharged is None:
        return
    top_up, token = uncharged
    if domain.is_chargeable(top_up, at=work.clock.now()):
        return_url = work.get(TopUpReturn).url_of(top_up)
        result = await work.get(FundingGateway).charge(top_up, token, return_url)
    else:
        result = ChargeResult(ChargeStatus.FAILED, reason_code=TopUpReason.CHARGE_WINDOW_PASSED)
    await _record(work, replace(result, top_up_id=top_up.id))


async def refresh_top_up(work: Work, provider_reference: str) -> None:
    """Ask the gateway how a charge stands and apply the answer; a charge that is not ours is ignored.

    The top-up is found by the reference, or by our id in the gateway's answer when a webhook overtakes the
    answer to the charge.
    """
    await _record(work, await work.get(FundingGateway).look_up(provider_reference))


async def refresh_silent_top_ups(work: Work) -> None:
    """Refresh charges whose webhook may have been lost; every failure is raised at the end."""
    async with work.transaction() as session:
        since = work.clock.now() - SILENCE_BEFORE_POLL
        references = await store.silent_references(session, since=since, limit=POLL_BATCH)
    outcomes = await asyncio.gather(
        *(refresh_top_up(work, reference) for reference in references), return_exceptions=True
    )
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("top-ups could not be refreshed", failures)


async def _record(work: Work, result: ChargeResult) -> None:
    async with work.transaction() as session:
        known = await store.find_for_update(
            session, provider_reference=result.reference, top_up_id=result.top_up_id
        )
        if known is None:
            return
        now = work.clock.now()
        changed = domain.apply(known, result, at=now)
        await store.save(session, changed, heard_at=now)
        if changed.state is known.state:
            return
        if changed.state is TopUpState.SUCCEEDED:
            await _credit(session, changed)
        if changed.state in _EVENTS:
            await _append(session, _EVENTS[changed.state], changed)


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
    if top_up.reason_code is not None:
        payload["reason_code"] = top_up.reason_code
    event = Event(event_type, top_up.program_id, top_up.id, top_up.updated_at, payload)
    await outbox.append(session, event)


SUBSCRIPTIONS: Final = (Subscription("funding.charge_top_up", "funding.top_up_requested", charge_requested),)
