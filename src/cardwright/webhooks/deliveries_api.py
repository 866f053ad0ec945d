"""Routes: the log of webhook deliveries, replays and tests."""

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Response

from cardwright import audit
from cardwright.access import Actor, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.strict import Instant
from cardwright.webhooks import replaying
from cardwright.webhooks.delivery_schemas import (
    DeliveryLogOutput,
    DeliveryOutput,
    ReplayInput,
    ReplayOutput,
)
from cardwright.webhooks.delivery_store import Wanted
from cardwright.webhooks.domain import DeliveryState

router = strict.router("/v1", "webhooks")

Reader = Annotated[Actor, Depends(allow("webhooks.read"))]
Writer = Annotated[Actor, Depends(allow("webhooks.write"))]
LimiterDep = Annotated[RateLimiter, Depends(provided(RateLimiter))]
EndpointId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
DeliveryId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
_TESTS: Final = "10/minute;200/day"
_REPLAYS: Final = "60/minute;2000/day"
_BULK_REPLAYS: Final = "6/hour;24/day"


def _wanted(
    state: Annotated[DeliveryState | None, Query(description="Only those that stand so.")] = None,
    event_type: Annotated[
        str | None,
        Query(alias="type", max_length=80, pattern=r"^[a-z0-9_.]+$", description="Only of this type."),
    ] = None,
    since: Annotated[Instant | None, Query(description="Only what happened from then on.")] = None,
) -> Wanted:
    return Wanted(state, event_type, since)


@router.get("/webhook-endpoints/{webhook_endpoint_id}/deliveries")
async def list_webhook_deliveries(
    webhook_endpoint_id: EndpointId, actor: Reader, session: SessionDep,
    wanted: Annotated[Wanted, Depends(_wanted)], limit: Limit = 20, cursor: Cursor = None,
) -> Page[DeliveryOutput]:  # fmt: skip
    """List what was and is to be sent to an endpoint, newest event first; kept for 30 days."""
    found = await replaying.list_deliveries(
        session, webhook_endpoint_id, wanted, viewer=actor.viewer, before=cursor, limit=limit + 1
    )
    return page(found, limit, show=DeliveryOutput.of, cursor_of=lambda delivery: delivery.id)


@router.get("/webhook-deliveries/{webhook_delivery_id}")
async def get_webhook_delivery(
    webhook_delivery_id: DeliveryId, actor: Reader, session: SessionDep, clock: ClockDep
) -> DeliveryLogOutput:
    """Show a delivery with each request and each answer."""
    log = await replaying.get_delivery(session, webhook_delivery_id, viewer=actor.viewer)
    await audit.record_look(
        session, actor, "webhook_delivery.read", log.delivery.id, clock.now(), owner_id=log.delivery.user_id
    )
    return DeliveryLogOutput.of_log(log)


@router.post(
    "/webhook-deliveries/{webhook_delivery_id}/replay", status_code=202, response_model=DeliveryOutput
)
async def replay_webhook_delivery(
    webhook_delivery_id: DeliveryId, actor: Writer, limiter: LimiterDep, call: IdempotencyDep
) -> Response:
    """Send a delivery again, whatever became of it; `webhook-id` stays the same."""

    async def effect() -> DeliveryOutput:
        again = await replaying.replay(call.session, webhook_delivery_id, by=actor, at=call.clock.now())
        await limiter.hit(_REPLAYS, "replays_of_webhooks", again.endpoint_id)
        return DeliveryOutput.of(again)

    return await call.once(actor.user_id, effect, status=202)


@router.post("/webhook-endpoints/{webhook_endpoint_id}/replay", status_code=202, response_model=ReplayOutput)
async def replay_webhook_endpoint(
    webhook_endpoint_id: EndpointId, body: ReplayInput, actor: Writer, limiter: LimiterDep,
    call: IdempotencyDep,
) -> Response:  # fmt: skip
    """Have what failed in a span of time sent again, or whatever was not taken, in the background."""
    at = call.clock.now()
    span = body.span(at)

    async def effect() -> ReplayOutput:
        await replaying.request_replay(call.session, webhook_endpoint_id, span, by=actor, at=at)
        await limiter.hit(_BULK_REPLAYS, "replays_of_webhook_spans", webhook_endpoint_id)
        return ReplayOutput(
            endpoint_id=webhook_endpoint_id, since=span.since, until=span.until, which=span.which
        )

    return await call.once(actor.user_id, effect, status=202)


@router.post("/webhook-endpoints/{webhook_endpoint_id}/test", status_code=202, response_model=DeliveryOutput)
async def test_webhook_endpoint(
    webhook_endpoint_id: EndpointId, actor: Writer, limiter: LimiterDep, call: IdempotencyDep
) -> Response:
    """Send an event of the type `webhooks.test`; look at its delivery for what the receiver answered."""

    async def effect() -> DeliveryOutput:
        sent = await replaying.send_test(call.session, webhook_endpoint_id, by=actor, at=call.clock.now())
        await limiter.hit(_TESTS, "tests_of_webhooks", webhook_endpoint_id)
        return DeliveryOutput.of(sent)

    return await call.once(actor.user_id, effect, status=202)
