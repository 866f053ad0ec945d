"""Figures of a program over a window of time; nobody's in particular."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Traffic:
    """Authorizations decided from `at` on, for the width of a bucket."""

    at: datetime
    approved: int
    declined: int


@dataclass(frozen=True, slots=True)
class Reason:
    """How many were declined for one reason."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Stage:
    """How long one stage of a decision took, in microseconds; `total` is the whole of them."""

    name: str
    p50: int
    p99: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What cases came to in one currency, in minor units."""

    currency: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that waits: how much, the oldest since when, and how much of it is late."""

    name: str
    waiting: int
    late: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sender:
    """A vendor that tells us things: when it was heard last, and what of it nobody has handled yet."""

    source: str
    heard_at: datetime
    waiting: int


@dataclass(frozen=True, slots=True)
class Channel:
    """Messages of a channel: how many were made, and how many of them did not arrive."""

    name: str
    messages: int
    failed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything at once."""

    traffic: Sequence[Traffic]
    reasons: Sequence[Reason]
    stages: Sequence[Stage]
    timed: int
    answered_by_network: int
    fraud: Sequence[Sum]
    queues: Sequence[Queue]
    senders: Sequence[Sender]
    channels: Sequence[Channel]
