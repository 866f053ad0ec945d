"""What the API answers; written by `make mobile-client` from openapi.json, never by hand.

Enumerations are plain strings: an app that is older than its server must not stumble over a new word.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SessionOutput:
    """One sign-in in one browser."""

    id: str
    device: str
    user_agent: str | None
    client_address: str | None
    methods: tuple[str, ...]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class PageSessionOutput:
    """A page of a list."""

    data: tuple[SessionOutput, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ConnectionOutput:
    """An application that may act for you."""

    id: str
    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_refreshed_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PageConnectionOutput:
    """A page of a list."""

    data: tuple[ConnectionOutput, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PasskeyOutput:
    """A passkey; `is_suspended` is one that may have been copied, which is trusted no more."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_backed_up: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class FactorsOutput:
    """What you have beside a password."""

    passkeys: tuple[PasskeyOutput, ...]
    totp_confirmed_at: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class StandingOutput:
    """Where a person stands, what they can do next, and what their level allows; null is any."""

    status: str
    level: int
    next_step: str
    verification_id: str | None
    url: str | None
    can_begin: bool
    can_submit: bool
    reason_code: str | None
    reason: str | None
    until: datetime | None
    missing: tuple[str, ...]
    message: str | None
    cards: int | None
    balance: int | None
    added_30d: int | None


@dataclass(frozen=True, slots=True)
class VerificationOutput:
    """An identity verification."""

    id: str
    status: str
    url: str | None
    reason_code: str | None
    reason: str | None
    can_retry: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentView:
    """An identity document, without its content."""

    id: str
    kind: str
    status: str
    pages: int
    size_bytes: int
    uploaded_at: datetime
    keep_until: datetime
    erased_at: datetime | None
    erased_because: str | None


@dataclass(frozen=True, slots=True)
class PageDocumentView:
    """A page of a list."""

    data: tuple[DocumentView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class NotificationAnswer:
    """Something a person was told."""

    id: str
    event_type: str
    title: str
    body: str
    about_id: str | None
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class PageNotificationAnswer:
    """A page of a list."""

    data: tuple[NotificationAnswer, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class UnreadAnswer:
    """How much in one's inbox is unread."""

    unread: int
