"""Routes: what became of messages, for the person and for support, and sending one again."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Query, Response
from pydantic import Field

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import IN_DIGITS, Id, Output
from cardwright.notifications import deliveries
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import Channel, Failures, Notification, State
from cardwright.notifications.explaining import explanation_of
from cardwright.notifications.rendering import render_notice
from cardwright.users import get_person

router = strict.router("/v1", "notifications")
Reader = Annotated[Actor, Depends(allow("notifications.read"))]
ReadsDeliveries = Annotated[Actor, Depends(allow("message_deliveries.read", reach=Reach.ANY))]
Resends = Annotated[Actor, Depends(allow("message_deliveries.resend", reach=Reach.ANY))]
Hours = Annotated[int, Query(ge=1, le=744, description="How far to look back."), IN_DIGITS]
_A_DAY: Final = 24


class DeliveryOutput(Output):
    """One message on one channel, and what became of it."""

    id: str
    event_type: str
    channel: Channel
    state: State
    explanation: str = Field(description="The state in words.", examples=["It arrived."])
    attempts: int
    provider: str | None = Field(description="Who has it, by its name in the settings.")
    provider_reference: str | None
    error_code: str | None
    created_at: datetime
    due_at: datetime | None = Field(description="Until when it is held.")
    sent_at: datetime | None
    bundle_id: str | None = Field(description="The message that tells it together with others.")
    resend_of: str | None


class ToldOutput(Output):
    """Something a person was told, and every message about it."""

    id: str
    event_type: str
    title: str
    body: str
    created_at: datetime
    deliveries: list[DeliveryOutput]


class FailuresOutput(Output):
    """How many messages did not arrive on a channel for one reason."""

    channel: Channel
    state: State
    error_code: str | None
    number: int


class FailureReport(Output):
    """What did not arrive, the most frequent reason first."""

    data: list[FailuresOutput]


@router.get("/notifications/{notification_id}")
async def get_notification(session: SessionDep, actor: Reader, notification_id: Id) -> ToldOutput:
    """Show something one was told, and what became of it on each channel."""
    told = await deliveries.get_told(session, user_id=actor.user_id, notification_id=notification_id)
    named = told.notification
    speech = await speech_for(session, actor.user_id)
    notice = render_notice(CATALOGUE[named.event_type].template, named.facts, speech=speech)
    return ToldOutput(
        id=named.id,
        event_type=named.event_type,
        title=notice.title,
        body=notice.body,
        created_at=named.created_at,
        deliveries=[_delivery(it) for it in told.deliveries],
    )


@router.get("/users/{user_id}/notifications")
async def list_user_notifications(
    session: SessionDep, actor: ReadsDeliveries, clock: ClockDep, user_id: Id, cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[DeliveryOutput]:  # fmt: skip
    """List the messages to a person on all channels, newest first, without what they say."""
    await get_person(session, user_id, actor.program_id)
    rows = await deliveries.list_deliveries(session, user_id=user_id, before_id=cursor, limit=limit + 1)
    await audit.record_look(session, actor, "messages.read", user_id, clock.now())
    return pagination.page(rows, limit, show=_delivery, cursor_of=lambda it: it.id)


@router.post("/notifications/{notification_id}/resend", response_model=DeliveryOutput, status_code=201)
async def resend_notification(
    session: SessionDep, actor: Resends, clock: ClockDep, call: IdempotencyDep, notification_id: Id
) -> Response:
    """Send a message that did not arrive once more."""

    async def effect() -> DeliveryOutput:
        return _delivery(await deliveries.resend(session, actor, notification_id, at=clock.now()))

    return await call.once(actor.user_id, effect, status=201)


@router.get("/message-failures")
async def count_message_failures(
    session: SessionDep, actor: ReadsDeliveries, clock: ClockDep, hours: Hours = _A_DAY
) -> FailureReport:
    """Count what did not arrive lately, by channel and reason."""
    counted = await deliveries.count_failures(session, actor.program_id, hours=hours, at=clock.now())
    return FailureReport(data=[_failures(it) for it in counted])


def _delivery(notification: Notification) -> DeliveryOutput:
    return DeliveryOutput(
        id=notification.id,
        event_type=notification.event_type,
        channel=notification.channel,
        state=notification.state,
        explanation=explanation_of(notification),
        attempts=notification.attempts,
        provider=notification.provider,
        provider_reference=notification.provider_reference,
        error_code=notification.error_code,
        created_at=notification.created_at,
        due_at=notification.due_at if notification.state == "held" else None,
        sent_at=notification.sent_at,
        bundle_id=notification.bundle_id,
        resend_of=notification.resend_of,
    )


def _failures(counted: Failures) -> FailuresOutput:
    return FailuresOutput(
        channel=counted.channel, state=counted.state, error_code=counted.error_code, number=counted.number
    )
