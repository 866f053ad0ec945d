"""Use cases: a person's devices, their list, and what providers report about messages they took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.notifications import device_store, store
from cardwright.notifications.domain import (
    Device,
    Notification,
    Platform,
    Report,
    ReportedState,
    apply_report,
)

MAX_DEVICES: Final = 20
_log = structlog.get_logger()


async def register_device(
    session: Session, *, program_id: str, user_id: str, platform: Platform, push_token: str, at: datetime
) -> Device:
    """Send a person's push messages to this device too; the device is taken from whoever had it before.

    Registering it again returns what is there. Raises Conflict `device_limit_reached` or `device_contended`.
    """
    await device_store.revoke_token_of_others(session, program_id, push_token, user_id, at=at)
    fresh = Device(new_id("dev"), program_id, user_id, platform, push_token, created_at=at)
    device = await device_store.add_device(session, fresh)
    if device is None or device.user_id != user_id:
        raise Conflict("device_contended", "Somebody else is registering this device right now; try again.")
    if device.id == fresh.id and await device_store.count_active_devices(session, user_id) > MAX_DEVICES:
        raise Conflict("device_limit_reached", f"At most {MAX_DEVICES} devices; remove one first.")
    return device


async def revoke_device(session: Session, *, user_id: str, device_id: str, at: datetime) -> None:
    """Send nothing to a device of this person any more; NotFound when it is not theirs."""
    device = await device_store.find_device(session, device_id)
    if device is None or device.user_id != user_id:
        raise NotFound("device_not_found", "There is no such device.")
    await device_store.revoke_devices(session, [device_id], at=at)


async def list_notifications(
    session: Session, user_id: str, *, before_id: str | None, limit: int
) -> Sequence[Notification]:
    """Return a person's own notifications, newest first."""
    return await store.list_in_app(session, user_id, before_id=before_id, limit=limit)


async def record_delivery(
    session: Session,
    *,
    source: str,
    provider_reference: str,
    status: ReportedState,
    error_code: str | None,
    at: datetime,
    notification_id: str | None = None,
) -> bool:
    """Apply a provider's report; late or repeated ones change nothing.

    `notification_id` is our own id where the report carries it back: then even a message whose sending ended
    in doubt is found. False when the message is not known (yet): a report can overtake the answer to the
    sending, so it is worth coming back with it.
    """
    notification = (
        await store.find_notification_by_reference_for_update(session, provider_reference)
        if notification_id is None
        else await store.find_notification_for_update(session, notification_id)
    )
    if notification is None:
        return False
    reported = apply_report(notification, Report(status, provider_reference, error_code, at))
    await store.save_notification(session, reported)
    _log.info("delivery_recorded", notification_id=notification.id, source=source, state=reported.state)
    return True
