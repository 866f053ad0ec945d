"""Whether a message goes out now: quiet hours, suppressed addresses, caps, and what texts may cost.

It is asked in the transaction that notes the attempt, under locks, so that no cap is passed by two at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from cardwright.authentication import EmailCodes
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications import spending_store, store, suppression_store
from cardwright.notifications.caps import CAP_WINDOW, Caps, SmsPrices
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.composing import Message, speech_for
from cardwright.notifications.domain import ADDRESS_CONFIRMATION, Notification, hold, withhold
from cardwright.notifications.ports import EmailMessage, SmsMessage
from cardwright.notifications.preference_store import find_preferences
from cardwright.notifications.quiet import quiet_until
from cardwright.notifications.suppressing import digest_address
from cardwright.notifications.text_messages import segments_of
from cardwright.users import SmsRules, country_of

_ESSENTIAL: Final = frozenset(name for name, entry in CATALOGUE.items() if entry.is_essential)
_ORDINARY: Final = frozenset(CATALOGUE) - _ESSENTIAL
_FOR_ORDINARY: Final = (4, 5)
"""The share of what texts may cost that ordinary ones can use up; the rest is kept for codes and security."""


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """How much is sent to a person, and what the program spends on text messages."""

    caps: Caps = field(default_factory=Caps)
    prices: SmsPrices = field(default_factory=SmsPrices)


async def admit(
    session: Session, work: Work, notification: Notification, messages: Sequence[Message]
) -> Notification:
    """Return a message as it may be sent, or held, or withheld with the reason as its error code.

    The reasons are `address_suppressed`, `opted_out`, `country_refused`, `rate_capped` and `spend_capped`.
    What was admitted once stays so, so that its further attempts count nothing.
    """
    entry, at = CATALOGUE[notification.event_type], work.clock.now()
    if not entry.is_essential and notification.state == "queued":
        until = await _quiet_until(session, notification.user_id, at)
        if until is not None:
            return hold(notification, "quiet_hours", until)
    addressed = _addressed(work, notification, messages[0])
    if not _ignores_suppression(entry, addressed):
        reason = await _suppressed(session, addressed)
        if reason is not None:
            return withhold(addressed, reason)
    if addressed.admitted_at is not None:
        return addressed
    reason = await _capped(session, work, addressed, entry, at)
    if reason is None and isinstance(messages[0], SmsMessage):
        reason = await _unaffordable(session, work, addressed, messages[0], at)
    return replace(addressed, admitted_at=at) if reason is None else withhold(addressed, reason)


async def list_instead(session: Session, notification: Notification, at: datetime) -> None:
    """Put into the list in the app what was withheld, for those who do not have everything there.

    What is sent again was listed the first time.
    """
    if notification.state == "withheld" and notification.resend_of is None:
        listed = replace(
            notification, id=new_id("ntf"), channel="in_app", state="delivered", created_at=at, sent_at=at,
            error_code=None, due_at=None, held_for=None, address_digest=None, provider=None, resend_of=None,
        )  # fmt: skip
        await store.add_notification(session, listed)


async def _quiet_until(session: Session, user_id: str, at: datetime) -> datetime | None:
    preferences = await find_preferences(session, user_id)
    if preferences.quiet_hours is None:
        return None
    zone = (await speech_for(session, user_id)).time_zone
    return quiet_until(preferences.quiet_hours, zone, at)


def _addressed(work: Work, notification: Notification, message: Message) -> Notification:
    if isinstance(message, EmailMessage | SmsMessage):
        digest = digest_address(work.get(EmailCodes), notification.channel, message.to)
        return replace(notification, address_digest=digest)
    return notification


def _ignores_suppression(entry: Entry, notification: Notification) -> bool:
    # Codes and confirmations that somebody asks for themselves are how an address comes back.
    is_asked_for = entry.carries is not None or entry.event_type == ADDRESS_CONFIRMATION
    return notification.channel == "push" or (notification.channel == "email" and is_asked_for)


async def _suppressed(session: Session, notification: Notification) -> str | None:
    found = await suppression_store.find_suppression(
        session, notification.user_id, notification.channel, notification.address_digest or ""
    )
    if found is None:
        return None
    return "opted_out" if found.reason == "opted_out" else "address_suppressed"


async def _capped(
    session: Session, work: Work, notification: Notification, entry: Entry, at: datetime
) -> str | None:
    most = work.get(ChannelRules).caps.most(notification.channel, is_essential=entry.is_essential)
    alike = _ESSENTIAL if entry.is_essential else _ORDINARY
    admitted = await spending_store.count_admitted(
        session, notification.user_id, notification.channel, alike, since=at - CAP_WINDOW
    )
    return "rate_capped" if admitted >= most else None


async def _unaffordable(
    session: Session, work: Work, notification: Notification, message: SmsMessage, at: datetime
) -> str | None:
    """Count what a text costs; return why it is not to be sent."""
    country = country_of(message.to)
    if country is None or country not in work.get(SmsRules).countries:
        return "country_refused"
    prices = work.get(ChannelRules).prices
    cost, caps = prices.cost(country, segments_of(message.text)), prices.caps_on(at.astimezone(UTC).date())
    spent = await spending_store.lock_spending(session, notification.program_id, caps)
    is_ordinary = notification.event_type in _ORDINARY
    for period, cap in caps.items():
        if cap is not None and spent[period] + cost > _usable(cap, is_ordinary=is_ordinary):
            return "spend_capped"
    await spending_store.add_spending(session, notification.program_id, caps, cost)
    return None


def _usable(cap: int, *, is_ordinary: bool) -> int:
    share, of = _FOR_ORDINARY
    return cap * share // of if is_ordinary else cap
