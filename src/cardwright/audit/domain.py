"""What an entry of the audit trail says, and what it only commits to because it must stay erasable."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import rfc8785

_EXACT_INTEGERS: Final = 2**53 - 1
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class PersonalData:
    """From where an act came: the part of an entry that is personal, and can be erased.

    The entry holds a digest under `key`, random and of this entry alone. While both are kept they prove each
    other; once they are erased, the digest tells nothing, not even to whoever guesses right.
    """

    client_address: str | None
    user_agent: str | None
    key: bytes = field(repr=False)

    def digest(self) -> str:
        """Return what the entry commits to."""
        said = {"client_address": self.client_address, "user_agent": self.user_agent}
        return hmac.new(self.key, rfc8785.dumps(said), sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `details` is small JSON, with `before` and `after` where a sensitive value changed.

    `request_id` is None for what no request caused. `personal_digest` commits to the personal data that are
    kept beside the entry; `personal` are those, None when there were none or they have been erased.
    """

    id: str
    program_id: str
    actor_id: str
    action: str
    subject_id: str
    details: Mapping[str, Any]
    occurred_at: datetime
    request_id: str | None = None
    personal_digest: str | None = None
    personal: PersonalData | None = None


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which entries are wanted; None lets everything through. The time from `since` on is before `until`."""

    actor_id: str | None = None
    subject_id: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = TrailFilter()


def leaf_of(entry: AuditEntry) -> dict[str, Any]:
    """Return the JSON object that an entry is sealed as: all of it, in one way only."""
    return {
        "action": entry.action,
        "actor_id": entry.actor_id,
        "details": _exact(entry.details),
        "id": entry.id,
        "occurred_at": entry.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "personal_digest": entry.personal_digest,
        "program_id": entry.program_id,
        "request_id": entry.request_id,
        "subject_id": entry.subject_id,
    }


def inert(value: Any) -> Any:
    r"""Return JSON whose texts, names included, carry nothing that a terminal or a log would obey.

    Whatever is not printable stands there as its escape, for people to see. Raises TypeError for what is not
    JSON, which is a mistake of the code that records.

    >>> inert({"agent": "curl\r\n\x1b[2J"})
    {'agent': 'curl\\r\\n\\x1b[2J'}
    """
    match value:
        case str():
            return _shown(value)
        case Mapping():
            return {inert(name): inert(member) for name, member in value.items()}
        case list() | tuple():
            return [inert(element) for element in value]
        case None | bool() | int():
            return value
        case datetime():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} does not belong into the audit trail")


def _shown(text: str) -> str:
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def _exact(value: Any) -> Any:
    # Numbers that JSON parsers round are never recorded by us. Somebody with a database console may put one
    # in, and must not be able to stop the sealing with it: it is sealed as text.
    match value:
        case Mapping():
            return {name: _exact(member) for name, member in value.items()}
        case list() | tuple():
            return [_exact(element) for element in value]
        case float():
            return {"$number": repr(value)}
        case int() if abs(value) > _EXACT_INTEGERS:
            return {"$number": str(value)}
        case _:
            return value
