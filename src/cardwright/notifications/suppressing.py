"""Addresses that bounced, complained or said stop get nothing more until somebody who reads there says so.

Only digests of addresses are kept; the key of codes makes them, so that nobody outside can guess them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from cardwright.authentication import EmailCodes, find_identity
from cardwright.db.session import Session
from cardwright.notifications import store, suppression_store
from cardwright.notifications.domain import Channel, Notification
from cardwright.notifications.ports import BlockedByRecipient, NoSuchAddress, Refused
from cardwright.notifications.suppression_store import Reason, Suppression
from cardwright.users import find_profile

_USE: Final = "address"
_log = structlog.get_logger()


def digest_address(codes: EmailCodes, channel: Channel, address: str) -> str:
    """Return what stands for an e-mail address or a phone number in E.164."""
    return codes.token(_USE, f"{channel}\0{address.strip().lower()}")


async def suppress_refused(
    session: Session, notification: Notification, refusal: Refused, *, at: datetime
) -> None:
    """Suppress where a message went if its provider refused it because of the address."""
    if isinstance(refusal, BlockedByRecipient):
        await _suppress(session, notification, "opted_out", refusal.code, at)
    elif isinstance(refusal, NoSuchAddress):
        await _suppress(session, notification, "hard_bounce", refusal.code, at)


async def hear_bounce(
    session: Session,
    *,
    notification_id: str,
    address_digest: str,
    reason: Reason,
    error_code: str | None,
    at: datetime,
) -> bool:
    """Suppress the address that a message of ours came back from; False when it never went there."""
    notification = await store.find_notification_for_update(session, notification_id)
    if notification is None or notification.address_digest != address_digest:
        return False
    await _suppress(session, notification, reason, error_code, at)
    return True


async def hear_stop(
    session: Session, *, program_id: str, number_digest: str, starts: bool, at: datetime
) -> None:
    """Send nothing more to a phone whose owner wrote STOP, and again once they wrote START."""
    for user_id in await suppression_store.list_people_at(session, program_id, "sms", number_digest):
        if starts:
            await suppression_store.lift_suppression(session, user_id, "sms", number_digest)
        else:
            suppression = Suppression(user_id, "sms", number_digest, program_id, "opted_out", None, at)
            await suppression_store.add_suppression(session, suppression)
    _log.info("texts_started" if starts else "texts_stopped")


async def suppressions_of(session: Session, codes: EmailCodes, user_id: str) -> Sequence[Suppression]:
    """Return what stands in the way of a person's present addresses."""
    digests = await present_digests(session, codes, user_id)
    found = await suppression_store.list_suppressions(session, user_id)
    return [it for it in found if digests.get(it.channel) == it.address_digest]


async def present_digests(session: Session, codes: EmailCodes, user_id: str) -> dict[Channel, str]:
    """Return the digests of the addresses that a person is told things at today."""
    identity, profile = await find_identity(session, user_id), await find_profile(session, user_id)
    digests: dict[Channel, str] = {}
    if identity is not None:
        digests["email"] = digest_address(codes, "email", identity.email)
    if profile is not None and profile.proven_phone is not None:
        digests["sms"] = digest_address(codes, "sms", profile.proven_phone)
    return digests


async def _suppress(
    session: Session, notification: Notification, reason: Reason, error_code: str | None, at: datetime
) -> None:
    if notification.address_digest is None:
        return
    suppression = Suppression(
        notification.user_id, notification.channel, notification.address_digest, notification.program_id,
        reason, error_code, at,
    )  # fmt: skip
    if await suppression_store.add_suppression(session, suppression):
        _log.info("address_suppressed", notification_id=notification.id, reason=reason, error_code=error_code)
