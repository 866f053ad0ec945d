"""A notification as the API and the stream show it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import ConfigDict, Field

from cardwright.http.strict import Output
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.domain import Notification
from cardwright.notifications.rendering import render_notice
from cardwright.notifications.speech import Speech

_ABOUT: Final = ("dispute_id", "challenge_id", "payment_id", "card_id")
"""From the narrowest: whoever is told of a dispute wants to see that, and not the card."""


def about(facts: Mapping[str, Any]) -> str | None:
    """Return the id of what facts are about, where it has a page of its own.

    >>> about({"card_id": "card_1", "payment_id": "pay_1", "amount": 5})
    'pay_1'
    """
    return next((str(facts[name]) for name in _ABOUT if facts.get(name)), None)


class NotificationAnswer(Output):
    """Something a person was told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "ntf_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "event_type": "payments.authorization_approved",
                    "title": "$12.50 at Blue Bottle",
                    "body": "Approved with your card ending 4242.",
                    "about_id": "pay_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "created_at": "2026-11-23T12:00:00Z",
                    "read_at": None,
                }
            ]
        }
    )

    id: str
    event_type: str
    title: str
    body: str
    about_id: str | None = Field(
        description="The dispute, purchase to be confirmed, payment or card that it is about, by its id."
    )
    created_at: datetime
    read_at: datetime | None = Field(description="When it was marked as read; null while it was not.")

    @classmethod
    def of(cls, notification: Notification, speech: Speech) -> "NotificationAnswer":
        """Return it in a person's language."""
        template = CATALOGUE[notification.event_type].template
        notice = render_notice(template, notification.facts, speech=speech)
        return cls(
            id=notification.id,
            event_type=notification.event_type,
            title=notice.title,
            body=notice.body,
            about_id=about(notification.facts),
            created_at=notification.created_at,
            read_at=notification.read_at,
        )


def notice_of(notification: Notification, speech: Speech) -> Mapping[str, Any]:
    """Return a notification as JSON, for the stream."""
    return NotificationAnswer.of(notification, speech).model_dump(mode="json")
