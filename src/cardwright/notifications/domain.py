"""What a notification is, and the states it passes through on its way to a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

Channel: TypeAlias = Literal["email", "sms", "push", "in_app"]
Platform: TypeAlias = Literal["ios", "android", "web"]
State: TypeAlias = Literal[
    "held",
    "queued",
    "sending",
    "unknown",
    "sent",
    "bundled",
    "withheld",
    "failed",
    "undeliverable",
    "delivered",
]
HeldFor: TypeAlias = Literal["quiet_hours", "digest"]
ReportedState: TypeAlias = Literal["sent", "failed", "undeliverable", "delivered"]

# Reports arrive out of order: one only ever moves a notification up. Somebody who got a message got it,
# so `delivered` outranks whatever was believed before.
_RANKS: Final[Mapping[State, int]] = {
    "held": 0,
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "bundled": 3,
    "withheld": 4,
    "failed": 4,
    "undeliverable": 4,
    "delivered": 5,
}

BUNDLED: Final = "notifications.bundled"
"""The type of a message that tells several which waited; nobody plans it but their release."""
ADDRESS_CONFIRMATION: Final = "notifications.address_confirmation_requested"
"""The type of a message with the link that brings its address back."""

IN_DOUBT: Final[frozenset[State]] = frozenset({"sending", "unknown"})
"""The states of a message whose attempt has no end that is known."""
ATTEMPT_LEASE: Final = timedelta(seconds=60)
"""How long an attempt may run before it counts as broken off; well above any sender's time limit."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One event told to one person on one channel; `facts` are the event's, for the templates to tell.

    `held` waits until `due_at`, and so does whatever is to be sent, sent again or looked up. `bundled` is
    told by the message `bundle_id`; `withheld` was not sent on purpose, as `error_code` says. `sending`
    says that an attempt began and its end is not recorded; `unknown` that it may have arrived, which is
    looked up before it is sent again; `sent` that the provider took it; `failed` that the provider gave up;
    `undeliverable` that the address cannot be reached. `provider` has it or, while it waits, alone may try
    it again, because nobody knows whether it has it. `admitted_at` is when it was counted against the caps,
    once for all attempts. `address_digest` stands for where it went, `text_digest` for the words of a text
    message.
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
    due_at: datetime | None = None
    held_for: HeldFor | None = None
    bundle_id: str | None = None
    provider: str | None = None
    admitted_at: datetime | None = None
    address_digest: str | None = None
    text_digest: str | None = None
    resend_of: str | None = None
    inbox_position: int | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """How many messages did not arrive on a channel for one reason."""

    channel: Channel
    state: State
    error_code: str | None
    number: int


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
    """Answer whether an attempt began so recently that it may still be running, here or at the provider."""
    began = notification.attempted_at
    return notification.state in IN_DOUBT and began is not None and at - began < ATTEMPT_LEASE


def begin_attempt(notification: Notification, provider: str, at: datetime) -> Notification:
    """Note an attempt and at whom before it is made: should it never end, it is due again after the lease."""
    return replace(
        notification, state="sending", attempts=notification.attempts + 1, attempted_at=at, provider=provider,
        due_at=at + ATTEMPT_LEASE,
    )  # fmt: skip


def put_off(notification: Notification, until: datetime) -> Notification:
    """Let a message that is due wait longer, with nothing tried."""
    return replace(notification, due_at=until)


def postpone(notification: Notification, until: datetime, *, bound_to: str | None = None) -> Notification:
    """Put back what goes out again later; a report that came meanwhile stands.

    `bound_to` is the provider that may have taken it, and must be the one to get it again.
    """
    if notification.state != "sending":
        return notification
    return replace(notification, state="queued", provider=bound_to, due_at=until)


def hold(notification: Notification, held_for: HeldFor, until: datetime) -> Notification:
    """Let a message that waits to be sent wait longer, until a person wants it."""
    return replace(notification, state="held", held_for=held_for, due_at=until)


def release(notification: Notification, at: datetime) -> Notification:
    """Let a held message go."""
    return replace(notification, state="queued", due_at=at) if notification.state == "held" else notification


def bundle(notification: Notification, bundle_id: str) -> Notification:
    """Leave it to another message to tell a held one."""
    return replace(notification, state="bundled", bundle_id=bundle_id)


def withhold(notification: Notification, error_code: str) -> Notification:
    """Note why a message is not sent although it could be."""
    return _raised(notification, "withheld", error_code)


def leave_unknown(notification: Notification) -> Notification:
    """Note that nobody can tell whether the provider took it; a report that came meanwhile stands.

    It is looked up when it is due, or never if it is not.
    """
    return _raised(notification, "unknown", "outcome_unknown")


def dismiss_doubt(notification: Notification, at: datetime) -> Notification:
    """Let a message go out again that its provider surely has not taken; anybody may send it now."""
    return replace(notification, state="queued", provider=None, error_code=None, due_at=at)


def give_up(notification: Notification, error_code: str) -> Notification:
    """Note that a message is not tried any more, for a fault that is not its address's."""
    return _raised(notification, "failed", error_code)


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
