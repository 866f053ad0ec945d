"""From a stored notification to the messages that tell it: whom it reaches now, and in which words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from cardwright import cases
from cardwright.authentication import AccountLinks, EmailCodes, Letter, find_letter
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications import answer_offers, store, unsubscribing
from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.domain import ADDRESS_CONFIRMATION, BUNDLED, Channel, Notification
from cardwright.notifications.people import Person, find_people
from cardwright.notifications.ports import AddressRefused, EmailMessage, PushMessage, SmsMessage
from cardwright.notifications.push_kinds import push_kind_of
from cardwright.notifications.rendering import render_letter, render_line, render_notice, render_sms
from cardwright.notifications.speech import Speech, speech_of
from cardwright.programs import Program
from cardwright.users import find_phone_letter, find_profile

_LONGEST_HELD: Final = timedelta(days=1)
"""For quiet hours and digests, which do not use up how long a message is worth bringing."""
Message: TypeAlias = EmailMessage | SmsMessage | PushMessage
_Composer: TypeAlias = Callable[[Session, Work, Notification, Person], Awaitable[Sequence[Message]]]


async def compose(
    session: Session, work: Work, notification: Notification, person: Person
) -> Sequence[Message]:
    """Return the messages to send; raises AddressRefused when there is no address or no secret any more.

    Nothing is read but what messages that carry a secret, ask something or tell several others need.
    """
    return await _COMPOSERS[notification.channel](session, work, notification, person)


def brand_of(program: Program) -> Brand:
    """Return the name and the colour that messages of a program show."""
    return Brand(program.name, program.brand_color)


async def speech_for(session: Session, user_id: str, asked: str | None = None) -> Speech:
    """Return how to write to a person: as their profile says; while there is none as they `asked`, in UTC."""
    profile = await find_profile(session, user_id)
    return speech_of(asked, None) if profile is None else speech_of(profile.locale, profile.time_zone)


def _speech(notification: Notification, person: Person) -> Speech:
    return person.speech(notification.facts.get("language"))


async def _email(
    session: Session, work: Work, notification: Notification, person: Person
) -> Sequence[Message]:
    entry = CATALOGUE[notification.event_type]
    to, facts = await _address_and_facts(session, work, notification, person.email)
    brand, speech = brand_of(work.get(Program)), _speech(notification, person)
    facts = {**facts, "happened_at": notification.created_at.isoformat()}
    at = work.clock.now()
    if notification.event_type == BUNDLED:
        facts = {**facts, "lines": await _lines(session, notification, speech)}
    elif notification.event_type == ADDRESS_CONFIRMATION:
        facts = {**facts, "link": unsubscribing.confirmation_link(work, notification)}
    links = Links(
        action=await answer_offers.link_of(session, work, notification, to),
        unsubscribe=None if entry.is_essential else unsubscribing.link(work, notification.user_id, entry, at),
        preferences=None if entry.is_essential else unsubscribing.preferences_link(work),
    )
    letter = render_letter(entry.template, facts, brand=brand, speech=speech, links=links)
    return (
        EmailMessage(
            notification.id, to, letter.subject, letter.text, letter.html, written_at=at,
            unsubscribe_url=links.unsubscribe,
        ),
    )  # fmt: skip


async def _lines(session: Session, notification: Notification, speech: Speech) -> Sequence[str]:
    """Return what the messages say that a bundle tells, oldest first."""
    told = await store.list_bundled(session, notification.resend_of or notification.id)
    return [render_line(CATALOGUE[it.event_type].template, it.facts, speech=speech) for it in told]


async def _address_and_facts(
    session: Session, work: Work, notification: Notification, address: str | None
) -> tuple[str, Mapping[str, Any]]:
    """Return where a message goes, a secret to the address it is for, and what it tells."""
    if CATALOGUE[notification.event_type].carries is not None:
        return await _address_and_secret(session, work, notification)
    if address is None:
        raise AddressRefused("address_missing")
    return address, notification.facts


async def _address_and_secret(
    session: Session, work: Work, notification: Notification
) -> tuple[str, Mapping[str, Any]]:
    letter, at = await _letter(session, work, notification), work.clock.now()
    if letter is None or (letter.expires_at is not None and letter.expires_at <= at):
        raise AddressRefused("code_expired")
    told = {**notification.facts, **letter.facts}
    if letter.expires_at is not None:
        told["minutes_left"] = _minutes_between(at, letter.expires_at)
    return letter.address, told


async def _letter(session: Session, work: Work, notification: Notification) -> Letter | None:
    facts, codes = notification.facts, work.get(EmailCodes)
    match CATALOGUE[notification.event_type].carries:
        case "phone_code" | "old_phone" as secret:
            return await find_phone_letter(session, codes, secret, str(facts["phone_verification_id"]))
        case None:
            return None
        case secret:
            return await find_letter(session, codes, work.get(AccountLinks), secret, facts)


def _minutes_between(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(minutes=1)


async def _sms(session: Session, work: Work, notification: Notification, person: Person) -> Sequence[Message]:
    entry = CATALOGUE[notification.event_type]
    to, facts = await _address_and_facts(session, work, notification, person.phone)
    if entry.takes_reply:
        facts = {**facts, "reply_code": await _reply_code(session, work, notification, to)}
    brand, speech = brand_of(work.get(Program)), _speech(notification, person)
    text = render_sms(entry.template, facts, brand=brand, speech=speech)
    return (SmsMessage(notification.id, to, text),)


async def phone_of(session: Session, work: Work, notification: Notification) -> str:
    """Return the phone number that a text message goes to now; raises as `compose`, and changes nothing."""
    person = (await find_people(session, [notification.user_id]))[notification.user_id]
    return (await _address_and_facts(session, work, notification, person.phone))[0]


async def _reply_code(session: Session, work: Work, notification: Notification, phone: str) -> str:
    payment_id, at = str(notification.facts["payment_id"]), work.clock.now()
    code = await cases.take_replies(session, work.get(EmailCodes), payment_id, phone, at)
    if code is None:
        raise AddressRefused("question_closed")
    return code


async def _pushes(
    session: Session, work: Work, notification: Notification, person: Person
) -> Sequence[Message]:
    age = work.clock.now() - notification.created_at
    if age > push_kind_of(notification.event_type).lifetime + _LONGEST_HELD:
        # A push service that is down, a stranger's among them, is not tried for ever.
        raise AddressRefused("push_too_late")
    if not person.devices:
        raise AddressRefused("address_missing")
    speech = _speech(notification, person)
    notice = render_notice(CATALOGUE[notification.event_type].template, notification.facts, speech=speech)
    return [
        PushMessage(
            notification_id=notification.id,
            event_type=notification.event_type,
            device_id=device.id,
            platform=device.platform,
            push_token=device.push_token,
            title=notice.title,
            body=notice.body,
            actions=await answer_offers.actions_of(session, work, notification, device.id, speech),
        )
        for device in person.devices
    ]


_COMPOSERS: Final[Mapping[Channel, _Composer]] = {"email": _email, "sms": _sms, "push": _pushes}
