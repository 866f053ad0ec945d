"""Routes: the list of what a person was told."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends
from pydantic import ConfigDict

from cardwright.access import Actor, allow
from cardwright.http import pagination, strict
from cardwright.http.deps import SessionDep
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Output
from cardwright.notifications import service
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import Notification
from cardwright.notifications.rendering import render_notice
from cardwright.notifications.speech import Speech

router = strict.router("/v1", "notifications")
Reader = Annotated[Actor, Depends(allow("notifications.read"))]


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


@router.get("/notifications")
async def list_notifications(
    session: SessionDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[NotificationAnswer]:
    """List what one was told, newest first, in one's own language."""
    speech = await speech_for(session, actor.user_id)
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
