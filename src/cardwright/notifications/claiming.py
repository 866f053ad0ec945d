"""Handing out what is due: many messages in one transaction, composed, admitted, and noted as attempts.

One such transaction runs at a time, so that what is counted against caps cannot change meanwhile. All of a
batch is read with a statement for each kind of thing. Should a batch fail, its messages are taken one by one,
and the one that is at fault waits longer and longer, so that nothing waits for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from cardwright.authentication import EmailCodes
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import ATTEMPTS, Work, pause_after
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.admission import Admission, begin_admission, listed_instead
from cardwright.notifications.composing import Message, compose
from cardwright.notifications.domain import (
    ATTEMPT_LEASE,
    IN_DOUBT,
    Channel,
    Notification,
    begin_attempt,
    give_up,
    put_off,
    refuse,
)
from cardwright.notifications.doubts import digest_text
from cardwright.notifications.people import Person, find_people
from cardwright.notifications.ports import PORTS, AddressRefused, SmsMessage
from cardwright.notifications.routing import chain_of

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is sent, and who alone may take it, if the last attempt left a doubt.

    Without messages it is a text whose last attempt is looked up first.
    """

    notification: Notification
    messages: Sequence[Message] = ()
    bound_to: str | None = None


async def take(work: Work, rooms: Mapping[Channel, int]) -> Sequence[Attempt]:
    """Claim what is due, so many on each channel at most, and note the attempts before they are made."""
    async with work.transaction() as session:
        due = await store.find_due(session, rooms, at=work.clock.now())
    if not due:
        return ()
    try:
        return await take_these(work, due)
    except Exception as error:  # noqa: BLE001 - whichever it is, the others must go out
        _log.warning("messages_not_taken", number=len(due), error=type(error).__name__)
    taken: list[Attempt] = []
    for notification_id in due:
        try:
            taken += await take_these(work, [notification_id])
        except Exception as error:  # noqa: BLE001 - as above
            _log.error("message_not_taken", notification_id=notification_id, exc_info=True)
            await _put_aside(work, notification_id, error)
    return taken


async def take_these(work: Work, notification_ids: Sequence[str]) -> Sequence[Attempt]:
    """Claim those of these messages that are due."""
    async with work.transaction() as session:
        await store.take_turn(session)
        at = work.clock.now()
        due = await store.lock_due_ones(session, notification_ids, at=at)
        if not due:
            return ()
        people = await find_people(session, [it.user_id for it in due])
        batch = _Batch(session, work, at, await begin_admission(session, work, due))
        for notification in due:
            await batch.begin(notification, people[notification.user_id])
        await batch.keep()
    for notification in batch.changed:
        if notification.state != "sending":
            log_attempt(notification)
    return batch.attempts


def log_attempt(notification: Notification) -> None:
    """Log what became of a message."""
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


class _Batch:
    """What is handed out in one transaction."""

    def __init__(self, session: Session, work: Work, at: datetime, admission: Admission) -> None:
        self._session = session
        self._work = work
        self._at = at
        self._admission = admission
        self.changed: list[Notification] = []
        self.attempts: list[Attempt] = []

    async def begin(self, notification: Notification, person: Person) -> None:
        """Note an attempt, or why there is none now."""
        if notification.channel == "sms" and notification.state in IN_DOUBT:
            self.attempts.append(Attempt(notification))
            self.changed.append(put_off(notification, self._at + ATTEMPT_LEASE))
            return
        chain = chain_of(self._work.provided[PORTS[notification.channel]], self._work.clock)
        bound_to = notification.provider
        try:
            first = chain.first(bound_to)
            messages = await compose(self._session, self._work, notification, person)
        except Unavailable as error:
            # What waits for its provider is noted as no attempt.
            resting = timedelta(seconds=error.details["retry_after_seconds"])
            self.changed.append(put_off(notification, self._at + resting))
            return
        except AddressRefused as error:
            self.changed.append(refuse(notification, error.code))
            return
        admitted = self._admission.admit(notification, person, messages)
        if admitted.state in {"queued", "sending"}:
            admitted = begin_attempt(self._worded(admitted, messages[0]), first, self._at)
            self.attempts.append(Attempt(admitted, messages, bound_to))
        self.changed.append(admitted)

    async def keep(self) -> None:
        """Store all of it."""
        await store.save_notifications(self._session, self.changed)
        await self._admission.keep(self._session)
        listed = (listed_instead(it, self._at) for it in self.changed)
        await store.add_notifications(self._session, [it for it in listed if it is not None])

    def _worded(self, notification: Notification, message: Message) -> Notification:
        if not isinstance(message, SmsMessage):
            return notification
        return replace(notification, text_digest=digest_text(self._work.get(EmailCodes), message.text))


async def _put_aside(work: Work, notification_id: str, error: Exception) -> None:
    at = work.clock.now()
    async with work.transaction() as session:
        notification = await store.find_notification_for_update(session, notification_id)
        if notification is None:
            return
        attempts = notification.attempts + 1
        waiting = put_off(replace(notification, attempts=attempts), at + pause_after(attempts, error))
        if attempts >= ATTEMPTS:
            waiting = give_up(waiting, "internal_error")
        await store.save_notification(session, waiting)
