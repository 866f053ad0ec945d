"""What the routes of the log read and answer."""

import json
from datetime import datetime
from typing import Any, Self

from pydantic import Field

from cardwright.http.strict import Id, Input, Instant, Output
from cardwright.webhooks.domain import Attempt, Delivery, DeliveryState
from cardwright.webhooks.replaying import Log, Span, Which


class DeliveryOutput(Output):
    """An event for an endpoint, and where it stands."""

    id: Id
    endpoint_id: Id
    event_id: Id = Field(description="`webhook-id`, the same at every try.")
    event_type: str
    created_at: datetime = Field(description="When it happened.")
    state: DeliveryState = Field(
        description="`failed`: given up after all tries. `canceled`: the endpoint was disabled meanwhile."
    )
    attempts: int = Field(description="How often it was tried, replays among them.")
    replays: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None = Field(description="A code, when no answer came.", examples=["timeout"])

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Show a delivery to those who may see it."""
        return cls(
            id=delivery.id, endpoint_id=delivery.endpoint_id, event_id=delivery.event_id,
            event_type=delivery.event_type, created_at=delivery.created_at, state=delivery.state,
            attempts=delivery.attempts, replays=delivery.replays, next_attempt_at=delivery.due_at,
            last_attempt_at=delivery.last_attempt_at, last_status=delivery.last_status,
            last_error=delivery.last_error,
        )  # fmt: skip


class AttemptOutput(Output):
    """One try: what was sent beside the body, and what came back."""

    id: Id
    number: int
    attempted_at: datetime
    duration_ms: int
    url: str
    request_headers: dict[str, str]
    status: int | None = Field(description="Null when no answer came.")
    answer_headers: dict[str, str]
    answer_body: str = Field(description="4 KiB at most.")
    is_answer_cut: bool
    error: str | None

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Show an attempt to those who may see its delivery."""
        return cls(
            id=attempt.id, number=attempt.number, attempted_at=attempt.attempted_at,
            duration_ms=attempt.duration_ms, url=attempt.url,
            request_headers=dict(attempt.request_headers), status=attempt.status,
            answer_headers=dict(attempt.answer_headers), answer_body=attempt.answer_body,
            is_answer_cut=attempt.is_answer_cut, error=attempt.error,
        )  # fmt: skip


class DeliveryLogOutput(DeliveryOutput):
    """A delivery with everything that was tried."""

    request_body: dict[str, Any] | None = Field(
        description="What is posted, the same at every try; null when the event is kept no more, and for "
        "staff when it is the holder's own affair."
    )
    log: list[AttemptOutput] = Field(
        description="Oldest first. A number that is missing was cut off by the end of a worker."
    )

    @classmethod
    def of_log(cls, log: Log) -> Self:
        """Show a delivery and its attempts to those who may see it."""
        body = None if log.message is None else json.loads(log.message.body)
        return cls(
            **DeliveryOutput.of(log.delivery).model_dump(),
            request_body=body,
            log=[AttemptOutput.of(attempt) for attempt in log.attempts],
        )


class ReplayInput(Input):
    """A span of time whose events are sent again."""

    since: Instant = Field(
        description="When the first of them happened, at most 31 days ago.", examples=["2026-11-20T00:00:00Z"]
    )
    until: Instant | None = Field(
        default=None, description="Before when; null for now.", examples=["2026-11-23T00:00:00Z"]
    )
    which: Which = Field(
        default=Which.FAILED, strict=False, examples=["failed"],
        description="`failed`: what failed or was canceled. `undelivered`: what was never sent, too, such as "
        "what happened before the endpoint existed or while it was disabled.",
    )  # fmt: skip

    def span(self, at: datetime) -> Span:
        """Return it as the use case takes it."""
        return Span(self.since, self.until or at, self.which)


class ReplayOutput(Output):
    """A replay that has been asked for; it runs in the background."""

    endpoint_id: Id
    since: datetime
    until: datetime
    which: Which
