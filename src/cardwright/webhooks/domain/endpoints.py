"""A webhook endpoint: where events are sent, which ones, signed how, and whether it is on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Invalid

MOST_ENDPOINTS: Final = 16
"""Per holder, and for the program's own."""
EVERYTHING: Final = "*"


class Signature(StrEnum):
    """A scheme of Standard Webhooks: a secret that both sides know, or a key pair of ours."""

    HMAC = "v1"
    ED25519 = "v1a"


class DisabledBecause(StrEnum):
    """Why nothing is sent to an endpoint: its owner wants it so, it said 410, or it failed for days."""

    BY_OWNER = "by_owner"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send what. `user_id` is the holder whom it belongs to, None for the program's own.

    `failing_since` is when it began to fail without a success since.
    """

    id: str
    program_id: str
    user_id: str | None
    created_by: str
    url: str
    description: str
    event_types: tuple[str, ...]
    signatures: tuple[Signature, ...]
    created_at: datetime
    updated_at: datetime
    disabled_because: DisabledBecause | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None

    @property
    def is_enabled(self) -> bool:
        """Answer whether events are sent there."""
        return self.disabled_because is None


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """What somebody wants of an endpoint."""

    url: str
    event_types: tuple[str, ...]
    description: str = ""
    signatures: tuple[Signature, ...] = (Signature.HMAC,)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different from now on; None leaves a thing as it is."""

    url: str | None = None
    event_types: tuple[str, ...] | None = None
    description: str | None = None
    signatures: tuple[Signature, ...] | None = None
    is_enabled: bool | None = None


def audience_of(user_id: str | None) -> str:
    """Return which audience an endpoint belongs to, as the catalogue of events calls it."""
    return "developer" if user_id is None else "holder"


def filters_for(event_type: str) -> tuple[str, ...]:
    """Return every filter that an event of a type passes.

    >>> filters_for("payments.settled")
    ('*', 'payments.*', 'payments.settled')
    """
    parts = event_type.split(".")
    return (EVERYTHING, *(".".join(parts[:end]) + ".*" for end in range(1, len(parts))), event_type)


def ensure_event_types(wanted: Iterable[str], audiences: Mapping[str, Iterable[str]], audience: str) -> None:
    """Raise Invalid `event_type_unknown` for a filter that nothing of the catalogue passes for an audience.

    `audiences` are those of each type of event.
    """
    heard = [event_type for event_type, meant_for in audiences.items() if audience in meant_for]
    passing = {found for event_type in heard for found in filters_for(event_type)}
    unknown = sorted(set(wanted) - passing)
    if unknown:
        raise Invalid(
            "event_type_unknown", "These event types do not exist for this endpoint.", event_types=unknown
        )
