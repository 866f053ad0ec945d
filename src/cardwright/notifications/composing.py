"""From a stored notification to the messages that tell it: whom it reaches now, and in which words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from cardwright.authentication import EmailCodes, find_email_code, find_identity
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.domain import Channel, Notification
from cardwright.notifications.ports import AddressRefused, EmailMessage, PushMessage, SmsMessage
from cardwright.notifications.rendering import render_letter, render_notice, render_sms
from cardwright.programs import Program
from cardwright.users import find_profile

Message: TypeAlias = EmailMessage | SmsMessage | PushMessage
_Composer: TypeAlias = Callable[[Session, Work, Notification], Awaitable[Sequence[Message]]]


async def compose(session: Session, work: Work, notification: Notification) -> Sequence[Message]:
    """Return the messages to send; raises AddressRefused when there is no address or no code any more."""
    return await _COMPOSERS[notification.channel](session, work, notification)


async def _email(session: Session, work: Work, notification: Notification) -> Sequence[Message]:
    entry = CATALOGUE[notification.event_type]
    to, facts = await (_address_and_code if entry.tells_code else _address)(session, work, notification)
    letter = render_letter(entry.template, facts, brand=work.get(Program).name)
    at = work.clock.now()
    return (EmailMessage(notification.id, to, letter.subject, letter.text, letter.html, written_at=at),)


async def _address(
    session: Session, _work: Work, notification: Notification
) -> tuple[str, Mapping[str, Any]]:
    identity = await find_identity(session, notification.user_id)
    if identity is None:
        raise AddressRefused("address_missing")
    return identity.email, notification.facts


async def _address_and_code(
    session: Session, work: Work, notification: Notification
) -> tuple[str, Mapping[str, Any]]:
    verification_id = str(notification.facts["verification_id"])
    code = await find_email_code(session, work.get(EmailCodes), verification_id)
    if code is None or code.expires_at <= work.clock.now():
        raise AddressRefused("code_expired")
    minutes_left = _minutes_between(work.clock.now(), code.expires_at)
    return code.address, {**notification.facts, "code": code.code, "minutes_left": minutes_left}


def _minutes_between(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(minutes=1)


async def _sms(session: Session, work: Work, notification: Notification) -> Sequence[Message]:
    profile = await find_profile(session, notification.user_id)
    if profile is None or profile.phone is None:
        raise AddressRefused("address_missing")
    template = CATALOGUE[notification.event_type].template
    text = render_sms(template, notification.facts, brand=work.get(Program).name)
    return (SmsMessage(notification.id, profile.phone, text),)


async def _pushes(session: Session, _work: Work, notification: Notification) -> Sequence[Message]:
    devices = await store.list_active_devices(session, notification.user_id)
    if not devices:
        raise AddressRefused("address_missing")
    notice = render_notice(CATALOGUE[notification.event_type].template, notification.facts)
    return [
        PushMessage(
            notification_id=notification.id,
            event_type=notification.event_type,
            device_id=device.id,
            platform=device.platform,
            push_token=device.push_token,
            title=notice.title,
            body=notice.body,
        )
        for device in devices
    ]


_COMPOSERS: Final[Mapping[Channel, _Composer]] = {"email": _email, "sms": _sms, "push": _pushes}
