"""Use cases of saved payment methods: keep one, rename it, make it the default, let it go."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cardwright import audit, kyc
from cardwright.core.clock import Clock
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.funding import auto_store, domain, method_store
from cardwright.funding.auto import switch_off
from cardwright.funding.domain import MOST_METHODS, MethodState, OffReason, SavedMethod, SetupResult
from cardwright.funding.polling import POLL_BATCH, SILENCE_BEFORE_POLL, refresh_each
from cardwright.funding.ports import MethodGateway, MethodReturn

_REMOVED: Final = "funding.payment_method_removed"
_EVENTS: Final = {
    MethodState.ACTIVE: "funding.payment_method_saved",
    MethodState.FAILED: "funding.payment_method_refused",
}


async def keep_method(
    session: Session, clock: Clock, *, program_id: str, user_id: str, token: Sensitive, label: str | None
) -> SavedMethod:
    """Record that a person keeps a payment method; the worker makes it ready at the gateway.

    Raises Conflict `kyc_required` or `too_many_payment_methods`.
    """
    await kyc.ensure_may_hold_money(session, program_id, user_id, at=clock.now())
    if len(await method_store.list_kept(session, user_id)) >= MOST_METHODS:
        raise Conflict("too_many_payment_methods", f"Keep {MOST_METHODS} payment methods at most.")
    now = clock.now()
    method = SavedMethod(new_id("pmt"), program_id, user_id, MethodState.REQUESTED, now, now, label=label)
    await method_store.insert_method(session, method, token=token)
    await _append(session, "funding.payment_method_requested", method)
    await audit.record(session, user_id, program_id, "payment_method.requested", method.id, {}, now)
    return method


async def list_methods(session: Session, user_id: str) -> Sequence[SavedMethod]:
    """Return the methods that somebody keeps or is about to, newest first."""
    return await method_store.list_kept(session, user_id)


async def get_method(session: Session, method_id: str, *, user_id: str) -> SavedMethod:
    """Return a method of somebody's; raise NotFound `payment_method_unknown`."""
    return _ensure_own(await method_store.find_method(session, method_id), user_id)


async def change_method(
    session: Session,
    clock: Clock,
    method_id: str,
    *,
    user_id: str,
    label: str | None,
    is_default: bool | None,
) -> SavedMethod:
    """Rename a method, or make it the default; None leaves each as it is.

    Raises NotFound `payment_method_unknown` and Conflict `payment_method_not_ready`.
    """
    found = _ensure_own(await method_store.lock_method(session, method_id), user_id)
    now = clock.now()
    if label is not None:
        await method_store.save_label(session, found.id, label, at=now)
        found = replace(found, label=label, updated_at=now)
    if is_default:
        domain.ensure_chargeable(found, user_id=user_id)
        await method_store.make_default(session, found)
        found = replace(found, is_default=True)
    details = {"label_changed": label is not None, "is_default": found.is_default}
    await audit.record(session, user_id, found.program_id, "payment_method.changed", found.id, details, now)
    return found


async def remove_method(session: Session, clock: Clock, method_id: str, *, user_id: str) -> None:
    """Let a method go; the rule that charges it is switched off. Raises NotFound."""
    found = _ensure_own(await method_store.lock_method(session, method_id), user_id)
    await remove(session, clock, found, by=user_id)


async def remove(session: Session, clock: Clock, method: SavedMethod, *, by: str) -> None:
    """Let a locked method go, for whatever reason; the worker tells the gateway."""
    now = clock.now()
    removed = domain.remove(method, at=now)
    if removed == method:
        return
    await method_store.save(session, removed, heard_at=now)
    rule = await auto_store.lock_rule(session, method.user_id)
    if rule is not None and rule.payment_method_id == method.id:
        await switch_off(session, rule, OffReason.PAYMENT_METHOD_REMOVED, at=now)
    await _append(session, _REMOVED, removed)
    await audit.record(session, by, method.program_id, "payment_method.removed", method.id, {}, now)


async def set_up_requested(work: Work, event: Event) -> None:
    """Make a method ready at the gateway; one that it has answered for is left alone."""
    async with work.transaction() as session:
        waiting = await method_store.find_token(session, event.subject_id)
    if waiting is None:
        return
    method, token = waiting
    customer = await _customer_of(work, method)
    return_url = work.get(MethodReturn).url_of(method)
    result = await work.get(MethodGateway).set_up(method, token, customer, return_url)
    await _record(work, replace(result, method_id=method.id))


async def refresh_setup(work: Work, setup_reference: str) -> None:
    """Ask the gateway how the keeping of a method stands and apply the answer."""
    await _record(work, await work.get(MethodGateway).look_up_setup(setup_reference))


async def refresh_method(work: Work, provider_reference: str) -> None:
    """Bring a method to what it is at the gateway: a new date of expiry, or gone."""
    snapshot = await work.get(MethodGateway).look_up_method(provider_reference)
    async with work.transaction() as session:
        known = await method_store.find_by_reference_for_update(session, provider_reference)
        if known is None or known.state is not MethodState.ACTIVE:
            return
        if snapshot is None or not snapshot.is_attached:
            await remove(session, work.clock, known, by="gateway")
        elif snapshot.card != known.card:
            now = work.clock.now()
            await method_store.save(session, replace(known, card=snapshot.card, updated_at=now), heard_at=now)


async def refresh_silent_methods(work: Work) -> None:
    """Refresh methods that wait for their owner and whose webhook may have been lost."""
    async with work.transaction() as session:
        since = work.clock.now() - SILENCE_BEFORE_POLL
        references = await method_store.silent_setups(session, since=since, limit=POLL_BATCH)
    await refresh_each(work, references, refresh_setup)


async def detach_removed(work: Work, event: Event) -> None:
    """Tell the gateway to let a removed method go."""
    async with work.transaction() as session:
        found = await method_store.find_method(session, event.subject_id)
    if found is not None and found.state is MethodState.REMOVED and found.provider_reference is not None:
        await work.get(MethodGateway).detach(found.provider_reference)


async def remove_all_of_closed(work: Work, event: Event) -> None:
    """Let go of every method of somebody whose account is closed."""
    async with work.transaction() as session:
        for kept in await method_store.list_kept(session, event.subject_id):
            locked = await method_store.lock_method(session, kept.id)
            if locked is not None:
                await remove(session, work.clock, locked, by="system")


async def _customer_of(work: Work, method: SavedMethod) -> str:
    async with work.transaction() as session:
        known = await method_store.find_customer(session, method.user_id)
    if known is not None:
        return known
    made = await work.get(MethodGateway).create_customer(program_id=method.program_id, user_id=method.user_id)
    async with work.transaction() as session:
        return await method_store.keep_customer(
            session, program_id=method.program_id, user_id=method.user_id, provider_reference=made,
            at=work.clock.now(),
        )  # fmt: skip


async def _record(work: Work, result: SetupResult) -> None:
    async with work.transaction() as session:
        known = await method_store.find_for_update(
            session, setup_reference=result.reference, method_id=result.method_id
        )
        if known is None:
            return
        now = work.clock.now()
        changed = domain.apply_setup(known, result, at=now)
        await method_store.save(session, changed, heard_at=now)
        if changed.state is MethodState.REMOVED and changed.provider_reference != known.provider_reference:
            # It was let go before the gateway had answered: now there is something to tell it.
            await _append(session, _REMOVED, changed)
        if changed.state is known.state:
            return
        if changed.state is MethodState.ACTIVE and not await method_store.has_default(session, known.user_id):
            await method_store.make_default(session, changed)
        if changed.state in _EVENTS:
            await _append(session, _EVENTS[changed.state], changed)


async def _append(session: Session, event_type: str, method: SavedMethod) -> None:
    payload = {"user_id": method.user_id}
    if method.card is not None:
        payload["last4"] = method.card.last4
    if method.reason_code is not None:
        payload["reason_code"] = method.reason_code
    await outbox.append(session, Event(event_type, method.program_id, method.id, method.updated_at, payload))


def _ensure_own(method: SavedMethod | None, user_id: str) -> SavedMethod:
    if method is None or method.user_id != user_id or method.state is MethodState.REMOVED:
        raise NotFound("payment_method_unknown", "There is no such payment method.")
    return method


SUBSCRIPTIONS: Final = (
    Subscription("funding.set_up_method", "funding.payment_method_requested", set_up_requested),
    Subscription("funding.detach_method", _REMOVED, detach_removed),
    Subscription("funding.remove_methods", "users.account_closed", remove_all_of_closed),
)
