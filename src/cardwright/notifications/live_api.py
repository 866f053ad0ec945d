"""Routes: what of the inbox was read, and the stream of what comes into it."""

from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response
from pydantic import ConfigDict, Field

from cardwright.access import Actor, Steps, allow, allow_in_steps
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.strict import Id, Input, Output
from cardwright.notifications import inbox
from cardwright.notifications.composing import speech_for
from cardwright.notifications.live_hub import LiveHub
from cardwright.notifications.live_signals import tell_of_inboxes
from cardwright.notifications.live_stream import LiveStream
from cardwright.notifications.notices import NotificationAnswer

router = strict.router("/v1", "notifications")
Reader = Annotated[Actor, Depends(allow("notifications.read"))]
Marking = Annotated[Steps, Depends(allow_in_steps("notifications.write"))]
Watching = Annotated[Steps, Depends(allow_in_steps("notifications.read"))]
Hub = Annotated[LiveHub, Depends(provided(LiveHub))]
_SEEN: Final = r"^(0|[1-9][0-9]{0,17})$"
_EXAMPLE: Final = (
    "retry: 2000\n\n"
    'id: 7\nevent: unread\ndata: {"unread":2}\n\n'
    'id: 8\nevent: notification\ndata: {"id":"ntf_01jd9zq3f8e7vtm5g6w2x4y8zn","title":"…"}\n\n'
    'event: payment.changed\ndata: {"id":"pay_01jd9zq3f8e7vtm5g6w2x4y8zn"}\n\n'
)
_DPOP_SECONDS: Final = 30.0
LastSeen = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        pattern=_SEEN,
        description="The id of the last event that was received: what came since is told first.",
        examples=["7"],
    ),
]


class UnreadAnswer(Output):
    """How much in one's inbox is unread."""

    unread: int = Field(examples=[2])


class ReadUpTo(Input):
    """Up to where somebody has read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"up_to": "ntf_01jd9zq3f8e7vtm5g6w2x4y8zn"}]})

    up_to: Id = Field(
        description="The newest notification that was seen: what came after it stays unread.",
        examples=["ntf_01jd9zq3f8e7vtm5g6w2x4y8zn"],
    )


@router.get("/notifications/unread-count")
async def count_unread(session: SessionDep, actor: Reader) -> UnreadAnswer:
    """Show how much of one's list is unread."""
    return UnreadAnswer(unread=await inbox.count_unread(session, actor.user_id))


@router.post("/notifications/read")
async def mark_read_up_to(request: Request, clock: ClockDep, steps: Marking, body: ReadUpTo) -> UnreadAnswer:
    """Mark a notification and all older ones as read; one's other windows and devices see it at once."""
    actor = steps.actor
    async with steps.transaction() as session:
        unread = await inbox.mark_read_up_to(session, actor.user_id, body.up_to, at=clock.now())
    await tell_of_inboxes(request.app.state.provided, [(actor.program_id, actor.user_id)])
    return UnreadAnswer(unread=unread)


@router.post("/notifications/{notification_id}/read")
async def mark_read(
    request: Request, clock: ClockDep, steps: Marking, notification_id: Id
) -> NotificationAnswer:
    """Mark one notification as read; marking it again changes nothing."""
    actor = steps.actor
    async with steps.transaction() as session:
        read = await inbox.mark_read(session, actor.user_id, notification_id, at=clock.now())
        speech = await speech_for(session, actor.user_id)
    await tell_of_inboxes(request.app.state.provided, [(actor.program_id, actor.user_id)])
    return NotificationAnswer.of(read, speech)


_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Server-sent events until the session ends: `notification` (in order, each once over"
        " reconnects with `Last-Event-ID`), `unread`, hints `payment.changed`, `card.changed`,"
        " `challenge.changed`, `question.changed`, `dispute.changed`, `money.changed` and `identity.changed`,"
        " `reload` (read anew what is shown), `end` (sign in again), `bye` (connect"
        " again). More kinds may come.",
        "content": {"text/event-stream": {"example": _EXAMPLE}},
    }
}


@router.get("/me/stream", response_class=Response, responses=_STREAM)
async def follow_live(request: Request, steps: Watching, hub: Hub, last_seen: LastSeen = None) -> Response:
    """Follow what one is told as it happens, and hints at what changed; see the guide `live-and-push`."""
    # A proof of a key is good once, so it cannot be looked at again: such a stream is short.
    is_proven = request.headers.get("authorization", "").lower().startswith("dpop ")
    longest = hub.rules.longest.total_seconds()
    return LiveStream(
        hub,
        hub.open(steps.actor.user_id),
        steps,
        after=None if last_seen is None else int(last_seen),
        lasts_seconds=min(longest, _DPOP_SECONDS) if is_proven else longest,
    )
