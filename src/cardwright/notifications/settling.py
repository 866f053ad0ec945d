"""What attempts came to, stored for many of them in one transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cardwright.core.errors import Unavailable
from cardwright.db.jobs import ATTEMPTS, Work, pause_after
from cardwright.notifications import device_store, store
from cardwright.notifications.claiming import log_attempt
from cardwright.notifications.dispatch import Outcome
from cardwright.notifications.domain import (
    Notification,
    Report,
    apply_report,
    give_up,
    leave_unknown,
    postpone,
    put_off,
    refuse,
)
from cardwright.notifications.suppressing import suppress_refused


async def settle(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Store how attempts ended; reports that came meanwhile stand."""
    at = work.clock.now()
    async with work.transaction() as session:
        found = await store.lock_notifications(session, [it.attempt.notification.id for it in outcomes])
        gone = [device_id for it in outcomes for device_id in it.gone_device_ids]
        if gone:
            await device_store.revoke_devices(session, gone, at=at)
        ended = []
        for outcome in outcomes:
            notification = found.get(outcome.attempt.notification.id)
            if notification is None:
                continue
            end = _ended(notification, outcome, at)
            if end.state == "undeliverable" and outcome.refusals:
                await suppress_refused(session, end, outcome.refusals[0], at=at)
            ended.append(end)
        await store.save_notifications(session, ended)
    for notification in ended:
        log_attempt(notification)


def _ended(notification: Notification, outcome: Outcome, at: datetime) -> Notification:
    if outcome.taken:
        taken = outcome.taken[0]
        sent = replace(notification, provider=taken.provider)
        return apply_report(sent, Report("sent", taken.reference, None, at))
    if notification.attempts != outcome.attempt.notification.attempts:
        # It took longer than its lease, and somebody else has the message now.
        return notification
    if outcome.error is not None:
        return _waiting(notification, outcome, outcome.error, at)
    if outcome.is_unknown:
        return leave_unknown(notification)
    return refuse(notification, outcome.refusals[0].code)


def _waiting(notification: Notification, outcome: Outcome, error: Exception, at: datetime) -> Notification:
    is_patient = isinstance(error, Unavailable)
    until = at + pause_after(notification.attempts - 1, error)
    if not outcome.attempt.messages:
        return put_off(notification, until)
    if not is_patient and notification.channel == "sms":
        # Whatever went wrong on our side, it may have been taken.
        return leave_unknown(notification)
    if not is_patient and notification.attempts >= ATTEMPTS:
        return give_up(notification, "internal_error")
    return postpone(notification, until, bound_to=outcome.bound_to)
