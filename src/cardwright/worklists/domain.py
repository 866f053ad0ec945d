"""Work that waits for people: one has it at a time, and nobody decides what they have not seen. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cardwright.core.errors import Conflict

Noun = Literal["case", "review"]
"""What an item of a list is called, in sentences and as the first word of the codes of errors."""


class Item(Protocol):
    """An item of a list; `version` counts its changes, `user_id` is whom it is about."""

    @property
    def id(self) -> str: ...  # noqa: D102 - said above
    @property
    def program_id(self) -> str: ...  # noqa: D102
    @property
    def user_id(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def assignee_id(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that happened to an item, and who did it."""

    kind: str
    actor_id: str
    details: dict[str, object]
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about an item."""

    id: str
    author_id: str
    words: str
    written_at: datetime


def can_claim(item: Item, by: str, noun: Noun) -> bool:
    """Return whether an item that is not resolved becomes somebody's; False when it is theirs already.

    Raises Conflict `<noun>_assigned` when somebody else has it.
    """
    if item.assignee_id == by:
        return False
    if item.assignee_id is not None:
        raise _assigned(item, noun)
    return True


def ensure_claimed(item: Item, by: str, noun: Noun) -> None:
    """Raise Conflict `<noun>_unclaimed` or `<noun>_assigned` unless somebody has this item."""
    if item.assignee_id is None:
        raise Conflict(f"{noun}_unclaimed", f"Claim the {noun} before you decide it.")
    if item.assignee_id != by:
        raise _assigned(item, noun)


def ensure_version(item: Item, version: int, noun: Noun) -> None:
    """Raise Conflict `<noun>_changed` unless the item is as it was read."""
    if item.version != version:
        raise Conflict(f"{noun}_changed", f"The {noun} changed since you read it.", version=item.version)


def _assigned(item: Item, noun: Noun) -> Conflict:
    return Conflict(f"{noun}_assigned", f"Somebody else has this {noun}.", assignee_id=item.assignee_id)
