"""What a notification is, and the states it passes through on its way to a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

Channel: TypeAlias = Literal["email", "sms", "push", "in_app"]
Platform: TypeAlias = Literal["ios", "android", "web"]
State: TypeAlias = Literal["queued", "sending", "unknown", "sent", "failed", "undeliverable", "delivered"]
ReportedState: TypeAlias = Literal["sent", "failed", "undeliverable", "delivered"]

# Reports arrive out of order: one only ever moves a notification up. Somebody who got a message got it,
# so `delivered` outranks whatever was believed before.
_RANKS: Final[Mapping[State, int]] = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "failed": 4,
    "undeliverable": 4,
    "delivered": 5,
}

ATTEMPT_LEASE: Final = timedelta(seconds=60)
"""How long an attempt may run before it counts as broken off; well above any sender's time limit."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One event told to one person on one channel; `facts` are the event's, for the templates to tell.

    `sending` says that an attempt began and its end is not recorded; `unknown` that it may have arrived and
    is not repeated; `sent` that the provider took it; `failed` that the provider gave up; `undeliverable`
    that the address cannot be reached.
    """

    id: str
    program_id: str
    user_id: str
    event_id: str
    event_type: str
    channel: Channel
    state: State
    facts: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    attempts: int = 0
    attempted_at: datetime | None = None
    provider_reference: str | None = None
    error_code: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """An installed app or a browser that push messages can be sent to until it is revoked."""

    id: str
    program_id: str
    user_id: str
    platform: Platform
    push_token: str = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says became of a message it took; `state` is the nearest of ours."""

    state: ReportedState
    provider_reference: str
    error_code: str | None
    at: datetime


def is_in_flight(notification: Notification, at: datetime) -> bool:
    """Answer whether an attempt began so recently that it may still be running."""
    began = notification.attempted_at
    return notification.state == "sending" and began is not None and at - began < ATTEMPT_LEASE


def begin_attempt(notification: Notification, at: datetime) -> Notification:
    """Note an attempt before it is made, so that a crash in the middle of it leaves a trace."""
    return replace(notification, state="sending", attempts=notification.attempts + 1, attempted_at=at)


def postpone(notification: Notification) -> Notification:
    """Put back what the provider certainly did not take; a report that came meanwhile stands."""
    return replace(notification, state="queued") if notification.state == "sending" else notification


def leave_unknown(notification: Notification) -> Notification:
    """Note that nobody can tell whether the provider took it; a report that came meanwhile stands."""
    return _raised(notification, "unknown", "outcome_unknown")


def refuse(notification: Notification, error_code: str) -> Notification:
    """Note that the address does not take it, now or later."""
    return _raised(notification, "undeliverable", error_code)


def apply_report(notification: Notification, report: Report) -> Notification:
    """Apply what the provider reported, its own answer to the sending included; late news changes nothing."""
    raised = _raised(notification, report.state, report.error_code)
    reference = notification.provider_reference or report.provider_reference
    return replace(raised, provider_reference=reference, sent_at=notification.sent_at or report.at)


def _raised(notification: Notification, state: State, error_code: str | None) -> Notification:
    if _RANKS[state] <= _RANKS[notification.state]:
        return notification
    return replace(notification, state=state, error_code=error_code)
