"""Whether a message goes out now: quiet hours, suppressed addresses, caps, and what texts may cost.

It is asked in the transaction that notes the attempts, in turn, so that no cap is passed by two at once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from cardwright.authentication import EmailCodes
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications import spending_store
from cardwright.notifications.caps import CAP_WINDOW, Caps, SmsPrices
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.composing import Message
from cardwright.notifications.domain import ADDRESS_CONFIRMATION, Channel, Notification, hold, withhold
from cardwright.notifications.people import Person
from cardwright.notifications.ports import EmailMessage, SmsMessage
from cardwright.notifications.quiet import quiet_until
from cardwright.notifications.suppressing import digest_address
from cardwright.notifications.text_messages import segments_of
from cardwright.users import SmsRules, country_of

_ESSENTIAL: Final = frozenset(name for name, entry in CATALOGUE.items() if entry.is_essential)
_FOR_ORDINARY: Final = (4, 5)
"""The share of what texts may cost that ordinary ones can use up; the rest is kept for codes and security."""


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """How much is sent to a person, and what the program spends on text messages."""

    caps: Caps = field(default_factory=Caps)
    prices: SmsPrices = field(default_factory=SmsPrices)


@dataclass(slots=True)
class Admission:
    """Admits one message after another, counting as it goes; made and kept in one turn of handing out."""

    work: Work
    at: datetime
    admitted: Counter[tuple[str, Channel, bool]]
    """By person, channel, and whether they were essential."""
    spent: dict[str, dict[str, int]]
    """By program and period, in micros."""
    added: Counter[str] = field(default_factory=Counter)
    """What was admitted costs, by program."""

    def admit(self, notification: Notification, person: Person, messages: Sequence[Message]) -> Notification:
        """Return a message as it may be sent, or held, or withheld with the reason as its error code.

        The reasons are `address_suppressed`, `opted_out`, `country_refused`, `rate_capped`, `spend_capped`.
        What was admitted once stays so, so that its further attempts count nothing.
        """
        entry = CATALOGUE[notification.event_type]
        if not entry.is_essential and notification.state == "queued":
            until = _quiet_until(person, self.at)
            if until is not None:
                return hold(notification, "quiet_hours", until)
        addressed = _addressed(self.work, notification, messages[0])
        if not _ignores_suppression(entry, addressed):
            reason = _suppressed(person, addressed)
            if reason is not None:
                return withhold(addressed, reason)
        if addressed.admitted_at is not None:
            return addressed
        reason = self._capped(addressed, entry)
        if reason is None and isinstance(messages[0], SmsMessage):
            reason = self._unaffordable(addressed, entry, messages[0])
        if reason is not None:
            return withhold(addressed, reason)
        self.admitted[addressed.user_id, addressed.channel, entry.is_essential] += 1
        return replace(addressed, admitted_at=self.at)

    async def keep(self, session: Session) -> None:
        """Store what the admitted messages cost."""
        for program_id, micros in self.added.items():
            await spending_store.add_spending(session, program_id, self.spent[program_id], micros)

    def _capped(self, notification: Notification, entry: Entry) -> str | None:
        caps = self.work.get(ChannelRules).caps
        most = caps.most(notification.channel, is_essential=entry.is_essential)
        admitted = self.admitted[notification.user_id, notification.channel, entry.is_essential]
        return "rate_capped" if admitted >= most else None

    def _unaffordable(self, notification: Notification, entry: Entry, message: SmsMessage) -> str | None:
        """Count what a text costs; return why it is not to be sent."""
        country = country_of(message.to)
        if country is None or country not in self.work.get(SmsRules).countries:
            return "country_refused"
        prices, spent = self.work.get(ChannelRules).prices, self.spent[notification.program_id]
        cost = prices.cost(country, segments_of(message.text))
        for period, cap in prices.caps_on(self.at.astimezone(UTC).date()).items():
            if cap is not None and spent[period] + cost > _usable(cap, is_ordinary=not entry.is_essential):
                return "spend_capped"
        for period in spent:
            spent[period] += cost
        self.added[notification.program_id] += cost
        return None


async def begin_admission(session: Session, work: Work, due: Sequence[Notification]) -> Admission:
    """Read what was admitted and spent so far; the caller has its turn in handing out messages."""
    at = work.clock.now()
    counted = await spending_store.count_admitted(
        session, sorted({it.user_id for it in due}), since=at - CAP_WINDOW
    )
    admitted: Counter[tuple[str, Channel, bool]] = Counter()
    for (user_id, channel, event_type), many in counted.items():
        admitted[user_id, channel, event_type in _ESSENTIAL] += many
    periods = work.get(ChannelRules).prices.caps_on(at.astimezone(UTC).date())
    programs = sorted({it.program_id for it in due if it.channel == "sms"})
    spent = {it: dict(await spending_store.lock_spending(session, it, periods)) for it in programs}
    return Admission(work, at, admitted, spent)


def listed_instead(notification: Notification, at: datetime) -> Notification | None:
    """Return what goes into the list in the app in place of what was withheld; None for what was not.

    What is sent again was listed the first time.
    """
    if notification.state != "withheld" or notification.resend_of is not None:
        return None
    return replace(
        notification, id=new_id("ntf"), channel="in_app", state="delivered", created_at=at, sent_at=at,
        error_code=None, due_at=None, held_for=None, address_digest=None, text_digest=None, provider=None,
    )  # fmt: skip


def _quiet_until(person: Person, at: datetime) -> datetime | None:
    hours = person.preferences.quiet_hours
    return None if hours is None else quiet_until(hours, person.speech().time_zone, at)


def _addressed(work: Work, notification: Notification, message: Message) -> Notification:
    if isinstance(message, EmailMessage | SmsMessage):
        digest = digest_address(work.get(EmailCodes), notification.channel, message.to)
        return replace(notification, address_digest=digest)
    return notification


def _ignores_suppression(entry: Entry, notification: Notification) -> bool:
    # Codes and confirmations that somebody asks for themselves are how an address comes back.
    is_asked_for = entry.carries is not None or entry.event_type == ADDRESS_CONFIRMATION
    return notification.channel == "push" or (notification.channel == "email" and is_asked_for)


def _suppressed(person: Person, notification: Notification) -> str | None:
    where = (notification.channel, notification.address_digest)
    found = next((it for it in person.suppressions if (it.channel, it.address_digest) == where), None)
    if found is None:
        return None
    return "opted_out" if found.reason == "opted_out" else "address_suppressed"


def _usable(cap: int, *, is_ordinary: bool) -> int:
    share, of = _FOR_ORDINARY
    return cap * share // of if is_ordinary else cap
