"""How long a push message is worth bringing, and how soon it has to arrive. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

Urgency = Literal["normal", "high"]
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PushKind:
    """For how long a push service keeps a message for a device that is away, and whether it wakes it."""

    lifetime: timedelta
    urgency: Urgency


_USUAL: Final = PushKind(_DAY, "normal")
# A question of the access control server is over within minutes; what a till showed is stale by evening.
_KINDS: Final[Mapping[str, PushKind]] = {
    "challenges.challenge_requested": PushKind(timedelta(minutes=10), "high"),
    "challenges": PushKind(timedelta(hours=1), "high"),
    "payments.authorization_declined": PushKind(timedelta(hours=6), "high"),
    "payments": PushKind(timedelta(hours=6), "normal"),
    "authentication": PushKind(_DAY, "high"),
    "cards": PushKind(_DAY, "high"),
    "cases": PushKind(_DAY, "high"),
}


def push_kind_of(event_type: str) -> PushKind:
    """Return how messages about a type of event are brought.

    >>> push_kind_of("challenges.challenge_requested").lifetime, push_kind_of("funding.top_up_failed").urgency
    (datetime.timedelta(seconds=600), 'normal')
    """
    return _KINDS.get(event_type) or _KINDS.get(event_type.partition(".")[0]) or _USUAL
