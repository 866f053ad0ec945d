"""Sending one queued notification: note the attempt, call the provider outside a transaction, note the end.

An attempt whose end was never recorded (the process died) is taken up again once its lease has run out.
E-mail and push are then sent again by the same provider, as their repeats collapse at the receiver. Text
messages are looked up there before, as after an answer that was lost (see doubts.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from cardwright.authentication import EmailCodes
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.admission import admit, list_instead
from cardwright.notifications.composing import Message, compose
from cardwright.notifications.domain import (
    ATTEMPT_LEASE,
    Channel,
    Notification,
    Report,
    apply_report,
    begin_attempt,
    is_in_flight,
    leave_unknown,
    postpone,
    refuse,
)
from cardwright.notifications.doubts import digest_text, settle_doubt
from cardwright.notifications.ports import (
    PORTS,
    AddressRefused,
    DeviceGone,
    InDoubt,
    OutcomeUnknown,
    PushMessage,
    Refused,
    SmsMessage,
)
from cardwright.notifications.routing import Chain, Taken, chain_of
from cardwright.notifications.suppressing import suppress_refused

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an attempt ended; of several devices one that took the message is enough."""

    taken: Sequence[Taken] = ()
    refusals: Sequence[Refused] = ()
    gone_device_ids: Sequence[str] = ()
    is_unknown: bool = False
    is_postponed: bool = False
    bound_to: str | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is sent, and who alone may take it, if the last attempt left a doubt."""

    notification: Notification
    messages: Sequence[Message]
    bound_to: str | None


async def send_queued(work: Work, event: Event) -> None:
    """Send the notification that an event names; raises Unavailable when it must be tried again."""
    notification_id = str(event.payload["notification_id"])
    await settle_doubt(work, notification_id)
    async with work.transaction() as session:
        attempt = await _begin(session, work, notification_id)
    if attempt is None:
        return
    try:
        outcome = await _deliver(work, attempt)
    except Unavailable as error:
        bound_to = error.provider if isinstance(error, InDoubt) else attempt.bound_to
        await _settle(work, notification_id, _Outcome(is_postponed=True, bound_to=bound_to))
        raise
    await _settle(work, notification_id, outcome)
    if outcome.is_unknown:
        seconds = int(ATTEMPT_LEASE.total_seconds())
        raise Unavailable("sms_in_doubt", "It is looked up when it is over.", retry_after_seconds=seconds)


async def _begin(session: Session, work: Work, notification_id: str) -> _Attempt | None:
    """Note an attempt and return what to send; None when it is past sending, or not to be sent now."""
    notification = await store.find_notification_for_update(session, notification_id)
    if notification is None or notification.state not in {"queued", "sending"}:
        return None
    if is_in_flight(notification, work.clock.now()):
        raise Unavailable("notification_in_flight", "Another attempt to send this is still running.")
    # What waits for its provider is noted as no attempt.
    bound_to = notification.provider
    first = _chain(work, notification.channel).first(bound_to)
    try:
        messages = await compose(session, work, notification)
    except AddressRefused as error:
        await _save(session, refuse(notification, error.code))
        return None
    admitted = await admit(session, work, notification, messages)
    if admitted.state not in {"queued", "sending"}:
        await _save(session, admitted)
        await list_instead(session, admitted, work.clock.now())
        return None
    begun = begin_attempt(_worded(work, admitted, messages[0]), first, work.clock.now())
    await store.save_notification(session, begun)
    return _Attempt(begun, messages, bound_to)


def _worded(work: Work, notification: Notification, message: Message) -> Notification:
    if not isinstance(message, SmsMessage):
        return notification
    return replace(notification, text_digest=digest_text(work.get(EmailCodes), message.text))


def _chain(work: Work, channel: Channel) -> Chain[Message]:
    return chain_of(work.provided[PORTS[channel]], work.clock)


async def _deliver(work: Work, attempt: _Attempt) -> _Outcome:
    chain = _chain(work, attempt.notification.channel)
    noted = attempt.notification

    async def note(provider: str) -> None:
        # A crash must leave behind who may have it, so that nobody else gets it as well.
        nonlocal noted
        if provider != noted.provider:
            noted = replace(noted, provider=provider)
            async with work.transaction() as session:
                await store.note_provider(session, noted.id, provider)

    taken: list[Taken] = []
    refusals: list[Refused] = []
    gone_device_ids: list[str] = []
    away: Unavailable | None = None
    for message in attempt.messages:
        try:
            taken.append(await chain.deliver(message, attempt.bound_to, note))
        except OutcomeUnknown:
            return _Outcome(is_unknown=True)
        except Unavailable as error:
            # One browser's push service that is down keeps nothing from a person's other devices.
            away = error
        except Refused as error:
            refusals.append(error)
            if isinstance(error, DeviceGone) and isinstance(message, PushMessage):
                gone_device_ids.append(message.device_id)
    if away is not None and not taken:
        raise away
    return _Outcome(taken, refusals, gone_device_ids)


async def _settle(work: Work, notification_id: str, outcome: _Outcome) -> None:
    now = work.clock.now()
    async with work.transaction() as session:
        notification = await store.find_notification_for_update(session, notification_id)
        if notification is None:
            return
        if outcome.gone_device_ids:
            await store.revoke_devices(session, outcome.gone_device_ids, at=now)
        if outcome.is_postponed:
            ended = postpone(notification, bound_to=outcome.bound_to)
        elif outcome.is_unknown:
            ended = leave_unknown(notification)
        elif outcome.taken:
            taken = outcome.taken[0]
            sent = replace(notification, provider=taken.provider)
            ended = apply_report(sent, Report("sent", taken.reference, None, now))
        else:
            ended = refuse(notification, outcome.refusals[0].code)
            await suppress_refused(session, ended, outcome.refusals[0], at=now)
        await _save(session, ended)


async def _save(session: Session, notification: Notification) -> None:
    await store.save_notification(session, notification)
    _log.info(
        "notification_attempted",
        notification_id=notification.id,
        event_type=notification.event_type,
        channel=notification.channel,
        state=notification.state,
        attempts=notification.attempts,
        provider=notification.provider,
        error_code=notification.error_code,
    )
