"""Use cases of auto top-up: set the rule, act on it after payments, switch it off when it fails."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cardwright import audit, ledger, users
from cardwright.cards import Window, window_bounds
from cardwright.core.clock import Clock
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.core.money import Money
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.funding import auto_store, dispute_store, domain, method_store, service, store
from cardwright.funding.domain import (
    FAILURES_BEFORE_OFF,
    AutoTopUp,
    AutoUsage,
    MethodState,
    OffReason,
    Origin,
    TopUp,
    TopUpState,
)

_SET: Final = "funding.auto_top_up_set"


async def set_rule(session: Session, rule: AutoTopUp) -> AutoTopUp:
    """Store a rule in the place of the one before; it acts at once when the balance is low already.

    Raises Invalid for amounts that contradict each other and `payment_method_unknown`, and Conflict
    `payment_method_not_ready`.
    """
    domain.ensure_sensible(rule)
    method = await method_store.find_method(session, rule.payment_method_id)
    domain.ensure_chargeable(method, user_id=rule.user_id)
    await auto_store.put_rule(session, rule)
    details = {
        "threshold": rule.threshold,
        "amount": rule.amount,
        "most_per_day": rule.most_per_day,
        "most_per_month": rule.most_per_month,
        "payment_method_id": rule.payment_method_id,
    }
    await _record(session, rule, "auto_top_up.set", details, by=rule.user_id, at=rule.set_at)
    event = Event(_SET, rule.program_id, rule.user_id, rule.set_at, {"user_id": rule.user_id})
    await outbox.append(session, event)
    return rule


async def find_rule(session: Session, user_id: str) -> AutoTopUp | None:
    """Return somebody's rule; None when they never made one."""
    return await auto_store.find_rule(session, user_id)


async def stop_rule(session: Session, clock: Clock, user_id: str) -> None:
    """Switch one's rule off, if there is one; a top-up that is under way goes on."""
    rule, now = await find_rule(session, user_id), clock.now()
    if rule is not None and await auto_store.switch_off(session, user_id, OffReason.SWITCHED_OFF):
        await _record(
            session, rule, "auto_top_up.switched_off", {"reason": "switched_off"}, by=user_id, at=now
        )


async def switch_off(session: Session, rule: AutoTopUp, reason: OffReason, *, at: datetime) -> None:
    """Switch a rule off because of what happened, and tell its owner."""
    if not await auto_store.switch_off(session, rule.user_id, reason):
        return
    await _record(session, rule, "auto_top_up.switched_off", {"reason": reason}, by="system", at=at)
    payload = {"user_id": rule.user_id, "reason_code": reason}
    await outbox.append(
        session, Event("funding.auto_top_up_switched_off", rule.program_id, rule.user_id, at, payload)
    )


async def consider(work: Work, event: Event) -> None:
    """Add money by somebody's rule when their balance is low now, whatever the event said it was then."""
    user_id, now = str(event.payload["user_id"]), work.clock.now()
    async with work.transaction() as session:
        # The rule's lock lets one decide at a time, so that no two top-ups are ever under way.
        rule = await auto_store.lock_rule(session, user_id)
        if rule is None or rule.off_reason is not None:
            return
        if await dispute_store.count_open(session, rule.program_id, user_id):
            await switch_off(session, rule, OffReason.TOP_UP_DISPUTED, at=now)
            return
        method = await method_store.find_method(session, rule.payment_method_id)
        usage = await usage_of(session, rule, at=now)
        if method is None or method.state is not MethodState.ACTIVE:
            return
        if domain.is_due(rule, usage, available=await _available(session, rule)):
            await _add(session, work, rule, now)


async def _add(session: Session, work: Work, rule: AutoTopUp, at: datetime) -> None:
    money = Money(rule.amount, rule.currency)
    try:
        await service.ensure_level_allows(session, work.clock, rule.program_id, rule.user_id, money)
    except Conflict:
        await switch_off(session, rule, OffReason.LEVEL_EXCEEDED, at=at)
        return
    await service.add(session, _top_up(rule, at), token=None)


async def weigh_failure(work: Work, event: Event) -> None:
    """Switch a rule off whose top-ups have failed too often in a row."""
    if event.payload.get("origin") != Origin.AUTO:
        return
    user_id, now = str(event.payload["user_id"]), work.clock.now()
    async with work.transaction() as session:
        rule = await auto_store.lock_rule(session, user_id)
        if rule is None:
            return
        if (await usage_of(session, rule, at=now)).failures >= FAILURES_BEFORE_OFF:
            await switch_off(session, rule, OffReason.FAILED_REPEATEDLY, at=now)


async def usage_of(session: Session, rule: AutoTopUp, *, at: datetime) -> AutoUsage:
    """Return what a rule has done in the day and month around `at`, where its owner lives."""
    profile = await users.find_profile(session, rule.user_id)
    zone = ZoneInfo(profile.time_zone if profile is not None else "UTC")
    day, _ = window_bounds(Window.DAY, at, zone)
    month, _ = window_bounds(Window.MONTH, at, zone)
    return await store.auto_usage(session, rule.user_id, since=rule.set_at, day=day or at, month=month or at)


async def _available(session: Session, rule: AutoTopUp) -> int:
    accounts = await ledger.owned_accounts(session, rule.program_id, rule.user_id)
    return sum(it.available_balance for it in accounts if (it.code, it.currency) == ("wallet", rule.currency))


def _top_up(rule: AutoTopUp, at: datetime) -> TopUp:
    return TopUp(
        id=new_id("topup"), program_id=rule.program_id, user_id=rule.user_id, amount=rule.amount,
        currency=rule.currency, state=TopUpState.REQUESTED, created_at=at, updated_at=at,
        origin=Origin.AUTO, payment_method_id=rule.payment_method_id,
    )  # fmt: skip


async def _record(
    session: Session, rule: AutoTopUp, action: audit.Action, details: dict[str, object], *, by: str,
    at: datetime,
) -> None:  # fmt: skip
    await audit.record(session, by, rule.program_id, action, rule.user_id, details, at)


SUBSCRIPTIONS: Final = (
    Subscription("funding.auto_top_up_when_set", _SET, consider),
    Subscription("funding.auto_top_up_after_approval", "payments.authorization_approved", consider),
    Subscription("funding.auto_top_up_after_decline", "payments.authorization_declined", consider),
    Subscription("funding.auto_top_up_after_increment", "payments.authorization_incremented", consider),
    Subscription("funding.auto_top_up_after_clearing", "payments.payment_cleared", consider),
    Subscription("funding.auto_top_up_failed", "funding.top_up_failed", weigh_failure),
)
