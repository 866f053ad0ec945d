"""A delivery: one event for one endpoint, tried until it is answered well or given up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cardwright.core.errors import Conflict
from cardwright.webhooks.domain.endpoints import DisabledBecause, Endpoint
from cardwright.webhooks.domain.schedule import GIVEN_UP_AFTER, next_pause

_GONE: Final = 410


class DeliveryState(StrEnum):
    """Where a delivery stands; a canceled one was waiting when its endpoint was disabled."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: what was sent, and what came back. `status` is None when no answer came; `error` is a code."""

    id: str
    number: int
    attempted_at: datetime
    duration_ms: int
    url: str
    request_headers: Mapping[str, str]
    status: int | None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer_body: str = ""
    is_answer_cut: bool = False
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        """Answer whether the receiver took the event: any 2xx, and nothing else."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint.

    `tries` count from the last replay on, `attempts` all there were. `due_at` is when to try next; whoever
    tries holds it by `claim` until `claimed_until`. `data` is set for events that no list has: tests.
    """

    id: str
    program_id: str
    user_id: str | None
    endpoint_id: str
    event_id: str
    event_type: str
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    due_at: datetime | None = None
    tries: int = 0
    attempts: int = 0
    replays: int = 0
    claim: str | None = None
    claimed_until: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    last_attempt_at: datetime | None = None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an attempt came to: the delivery and its endpoint as they are from now on."""

    delivery: Delivery
    endpoint: Endpoint


def settle(
    delivery: Delivery, endpoint: Endpoint, sent: Delivery, attempt: Attempt, *, at: datetime, chance: float
) -> Settled:
    """Return what follows of an attempt; `sent` is the delivery as it was when the attempt began.

    A replay that was asked for meanwhile stays asked for. What was canceled meanwhile stays so unless it
    succeeded. A claim that others have taken over since is theirs to settle.
    """
    seen = replace(
        delivery, last_status=attempt.status, last_error=attempt.error, last_attempt_at=attempt.attempted_at
    )
    if delivery.claim != sent.claim and not attempt.is_success:
        return Settled(seen, endpoint)
    released = replace(seen, claim=None, claimed_until=None)
    is_asked_anew = delivery.replays != sent.replays
    if attempt.is_success:
        done = released if is_asked_anew else replace(released, state=DeliveryState.SUCCEEDED, due_at=None)
        return Settled(done, replace(endpoint, failing_since=None))
    failing = _after_failure(endpoint, attempt, at)
    if is_asked_anew or delivery.state is not DeliveryState.PENDING:
        return Settled(released, failing)
    pause = next_pause(delivery.tries, chance, attempt.retry_after) if failing.is_enabled else None
    if pause is None:
        return Settled(replace(released, state=DeliveryState.FAILED, due_at=None), failing)
    return Settled(replace(released, due_at=at + pause), failing)


def ensure_replayable(endpoint: Endpoint) -> None:
    """Raise Conflict `webhook_endpoint_disabled` when nothing is sent to an endpoint."""
    if not endpoint.is_enabled:
        raise Conflict("webhook_endpoint_disabled", "The endpoint is disabled; enable it first.")


def _after_failure(endpoint: Endpoint, attempt: Attempt, at: datetime) -> Endpoint:
    if not endpoint.is_enabled:
        return endpoint
    failing = replace(endpoint, failing_since=endpoint.failing_since or at)
    if attempt.status == _GONE:
        return replace(failing, disabled_because=DisabledBecause.GONE, disabled_at=at)
    assert failing.failing_since is not None  # noqa: S101 - set just above
    if at - failing.failing_since >= GIVEN_UP_AFTER:
        return replace(failing, disabled_because=DisabledBecause.FAILING, disabled_at=at)
    return failing
