"""Sending one queued notification: note the attempt, call the provider outside a transaction, note the end.

An attempt whose end was never recorded (the process died) is taken up again once its lease has run out.
E-mail and push are then sent again, as their repeats collapse at the receiver. Text messages are not: the
provider knows no idempotency key, so such a one stays `unknown` unless a delivery report tells more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.composing import Message, compose
from cardwright.notifications.domain import (
    Notification,
    Report,
    apply_report,
    begin_attempt,
    is_in_flight,
    leave_unknown,
    postpone,
    refuse,
)
from cardwright.notifications.ports import (
    AddressRefused,
    DeviceGone,
    EmailMessage,
    EmailSender,
    OutcomeUnknown,
    PushMessage,
    PushSender,
    Refused,
    SmsMessage,
    SmsSender,
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an attempt ended; of several devices one that took the message is enough."""

    references: Sequence[str] = ()
    error_codes: Sequence[str] = ()
    gone_device_ids: Sequence[str] = ()
    is_unknown: bool = False
    is_postponed: bool = False


async def send_queued(work: Work, event: Event) -> None:
    """Send the notification that an event names; raises Unavailable when it must be tried again."""
    notification_id = str(event.payload["notification_id"])
    async with work.transaction() as session:
        messages = await _begin(session, work, notification_id)
    if not messages:
        return
    try:
        outcome = await _deliver(work, messages)
    except Unavailable:
        await _settle(work, notification_id, _Outcome(is_postponed=True))
        raise
    await _settle(work, notification_id, outcome)


async def _begin(session: Session, work: Work, notification_id: str) -> Sequence[Message]:
    """Note an attempt and return what to send; nothing when the notification is past sending."""
    notification = await store.find_notification_for_update(session, notification_id)
    if notification is None or notification.state not in {"queued", "sending"}:
        return ()
    if is_in_flight(notification, work.clock.now()):
        raise Unavailable("notification_in_flight", "Another attempt to send this is still running.")
    if notification.state == "sending" and notification.channel == "sms":
        await _save(session, leave_unknown(notification))
        return ()
    try:
        messages = await compose(session, work, notification)
    except AddressRefused as error:
        await _save(session, refuse(notification, error.code))
        return ()
    await store.save_notification(session, begin_attempt(notification, work.clock.now()))
    return messages


async def _deliver(work: Work, messages: Sequence[Message]) -> _Outcome:
    references: list[str] = []
    error_codes: list[str] = []
    gone_device_ids: list[str] = []
    away: Unavailable | None = None
    for message in messages:
        try:
            references.append(await _send(work, message))
        except OutcomeUnknown:
            return _Outcome(is_unknown=True)
        except Unavailable as error:
            # One browser's push service that is down keeps nothing from a person's other devices.
            away = error
        except Refused as error:
            error_codes.append(error.code)
            if isinstance(error, DeviceGone) and isinstance(message, PushMessage):
                gone_device_ids.append(message.device_id)
    if away is not None and not references:
        raise away
    return _Outcome(references, error_codes, gone_device_ids)


async def _send(work: Work, message: Message) -> str:
    if isinstance(message, EmailMessage):
        return await work.get(EmailSender).send(message)
    if isinstance(message, SmsMessage):
        return await work.get(SmsSender).send(message)
    return await work.get(PushSender).send(message)


async def _settle(work: Work, notification_id: str, outcome: _Outcome) -> None:
    now = work.clock.now()
    async with work.transaction() as session:
        notification = await store.find_notification_for_update(session, notification_id)
        if notification is None:
            return
        if outcome.gone_device_ids:
            await store.revoke_devices(session, outcome.gone_device_ids, at=now)
        if outcome.is_postponed:
            ended = postpone(notification)
        elif outcome.is_unknown:
            ended = leave_unknown(notification)
        elif outcome.references:
            ended = apply_report(notification, Report("sent", outcome.references[0], None, now))
        else:
            ended = refuse(notification, outcome.error_codes[0])
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
        error_code=notification.error_code,
    )
