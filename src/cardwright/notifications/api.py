"""Routes: a person's devices, and the list of what a person was told."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Response
from pydantic import ConfigDict, Field, StringConstraints

from cardwright.access import Actor, allow
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.languages import FavouriteDep
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Id, Input, Output
from cardwright.notifications import service
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import Notification, Platform
from cardwright.notifications.rendering import render_notice
from cardwright.notifications.speech import Speech

router = strict.router("/v1", "notifications")
Reader = Annotated[Actor, Depends(allow("notifications.read"))]
DeviceOwner = Annotated[Actor, Depends(allow("devices.write"))]

PushToken = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_:.\-]+$", min_length=8, max_length=4096),
    Field(
        description="What the push service gave the app; never shown again.", examples=["fTk3:APA91bH-x_9"]
    ),
]


class DeviceRegistration(Input):
    """An installed app that push messages can be sent to."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"platform": "android", "push_token": "fTk3:APA91bH-x_9"}]}
    )

    platform: Platform
    push_token: PushToken


class DeviceAnswer(Output):
    """A device that gets push messages."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "dev_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "platform": "android",
                    "created_at": "2026-11-23T12:00:00Z",
                }
            ]
        }
    )

    id: str
    platform: Platform
    created_at: datetime


class NotificationAnswer(Output):
    """Something a person was told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ntf_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "event_type": "payments.authorization_approved",
                    "title": "12.50 USD at Blue Bottle",
                    "body": "Approved with your card ending 4242.",
                    "created_at": "2026-11-23T12:00:00Z",
                }
            ]
        }
    )

    id: str
    event_type: str
    title: str
    body: str
    created_at: datetime


@router.post("/devices", response_model=DeviceAnswer, status_code=201)
async def register_device(
    session: SessionDep,
    clock: ClockDep,
    actor: DeviceOwner,
    call: IdempotencyDep,
    registration: DeviceRegistration,
) -> Response:
    """Send one's push messages to this device too."""

    async def effect() -> DeviceAnswer:
        device = await service.register_device(
            session,
            program_id=actor.program_id,
            user_id=actor.user_id,
            platform=registration.platform,
            push_token=registration.push_token,
            at=clock.now(),
        )
        return DeviceAnswer(id=device.id, platform=device.platform, created_at=device.created_at)

    return await call.once(actor.user_id, effect, status=201)


@router.delete("/devices/{device_id}", status_code=204)
async def revoke_device(session: SessionDep, clock: ClockDep, actor: DeviceOwner, device_id: Id) -> None:
    """Send no more push messages to this device."""
    await service.revoke_device(session, user_id=actor.user_id, device_id=device_id, at=clock.now())


@router.get("/notifications")
async def list_notifications(
    session: SessionDep, actor: Reader, favourite: FavouriteDep, cursor: Cursor = None, limit: Limit = 20
) -> Page[NotificationAnswer]:
    """List what one was told, newest first, in the language of one's profile, or else as the browser asks."""
    speech = await speech_for(session, actor.user_id, favourite)
    rows = await service.list_notifications(session, actor.user_id, before_id=cursor, limit=limit + 1)
    return pagination.page(
        rows, limit, show=partial(_answer, speech=speech), cursor_of=lambda notification: notification.id
    )


def _answer(notification: Notification, speech: Speech) -> NotificationAnswer:
    notice = render_notice(CATALOGUE[notification.event_type].template, notification.facts, speech=speech)
    return NotificationAnswer(
        id=notification.id,
        event_type=notification.event_type,
        title=notice.title,
        body=notice.body,
        created_at=notification.created_at,
    )
