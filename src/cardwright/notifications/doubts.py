"""Text messages whose sending was cut off: looked up at their provider, so that none is lost or sent twice.

Providers of texts know no idempotency key. What they list of a phone number tells whether they took a
message: the one with our words, from the time of the attempt, that is no other message's. They are not asked
before the attempt is surely over; then what is not there was not taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from cardwright.authentication import EmailCodes
from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.composing import phone_of
from cardwright.notifications.domain import (
    ATTEMPT_LEASE,
    IN_DOUBT,
    Notification,
    Report,
    apply_report,
    dismiss_doubt,
    is_in_flight,
    leave_unknown,
)
from cardwright.notifications.ports import AddressRefused, SmsSender, TakenText
from cardwright.notifications.routing import chain_of
from cardwright.notifications.suppressing import digest_address

_USE: Final = "text"
_CLOCKS_APART: Final = timedelta(minutes=5)
"""By how much the provider's clock may be behind ours. That a text is older than its attempt does no harm:
what is another message's is not taken for it."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Doubt:
    notification: Notification
    began: datetime
    to: str = field(repr=False)


def digest_text(codes: EmailCodes, text: str) -> str:
    """Return what stands for the words of a message, however a provider spaces them."""
    return codes.token(_USE, " ".join(text.split()))


async def settle_doubt(work: Work, notification_id: str) -> None:
    """End the doubt about a text message, if there is one: it is `sent`, or `queued` to be sent again.

    Raises Unavailable while nobody can tell. One whose address is gone stays `unknown`.
    """
    async with work.transaction() as session:
        doubt = await _find(session, work, notification_id)
    if doubt is None:
        return
    chain = chain_of(work.get(SmsSender), work.clock)
    listed: Sequence[TakenText] = await chain.ask(
        doubt.notification.provider, lambda sender: sender.list_taken(doubt.to)
    )
    async with work.transaction() as session:
        await _end(session, work, doubt, listed)


async def _find(session: Session, work: Work, notification_id: str) -> _Doubt | None:
    notification = await store.find_notification_for_update(session, notification_id)
    if notification is None or notification.channel != "sms" or notification.state not in IN_DOUBT:
        return None
    now, began = work.clock.now(), notification.attempted_at
    if is_in_flight(notification, now):
        raise _in_flight()
    try:
        to = await phone_of(session, work, notification)
    except AddressRefused:
        to = ""
    if began is None or notification.address_digest is None or notification.text_digest is None or not to:
        await store.save_notification(session, replace(leave_unknown(notification), due_at=None))
        return None
    if digest_address(work.get(EmailCodes), "sms", to) != notification.address_digest:
        # Whoever has the old number now need not be told; the new one has certainly not been.
        await store.save_notification(session, dismiss_doubt(notification, now))
        return None
    if await store.is_alike_in_flight(session, notification, since=now - ATTEMPT_LEASE):
        # Until that one has its reference, nobody could tell which of the two is listed.
        raise _in_flight()
    return _Doubt(notification, began, to)


async def _end(session: Session, work: Work, doubt: _Doubt, listed: Sequence[TakenText]) -> None:
    codes, was = work.get(EmailCodes), doubt.notification
    ours = [
        it
        for it in sorted(listed, key=lambda it: it.created_at)
        if doubt.began - _CLOCKS_APART <= it.created_at <= doubt.began + ATTEMPT_LEASE
        and digest_text(codes, it.text) == was.text_digest
    ]
    known = await store.known_references(session, was.address_digest or "", [it.reference for it in ours])
    now = await store.find_notification_for_update(session, was.id)
    if now is None or now.state not in IN_DOUBT or now.attempted_at != was.attempted_at:
        # A report or another worker was faster.
        return
    found = next((it for it in ours if it.reference not in known), None)
    if found is None:
        ended = dismiss_doubt(now, work.clock.now())
    else:
        report = Report(found.state, found.reference, found.error_code, work.clock.now())
        ended = apply_report(replace(now, error_code=None), report)
    await store.save_notification(session, ended)
    _log.info("notification_looked_up", notification_id=now.id, state=ended.state, provider=now.provider)


def _in_flight() -> Unavailable:
    return Unavailable("notification_in_flight", "Another attempt to send this may still be running.")
