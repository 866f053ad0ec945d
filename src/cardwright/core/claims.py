"""Work that waits for people: one has it at a time, and nobody decides what they have not seen."""

from typing import Literal, Protocol

from cardwright.core.errors import Conflict

Noun = Literal["case", "review"]
"""What an item is called, in sentences and as the first word of the codes of errors."""


class Claimable(Protocol):
    """Something that one person at a time works on; `version` counts its changes."""

    @property
    def version(self) -> int: ...  # noqa: D102 - said above
    @property
    def assignee_id(self) -> str | None: ...  # noqa: D102


def can_claim(item: Claimable, by: str, noun: Noun) -> bool:
    """Return whether an item that is not resolved becomes somebody's; False when it is theirs already.

    Raises Conflict `<noun>_assigned` when somebody else has it.
    """
    if item.assignee_id == by:
        return False
    if item.assignee_id is not None:
        raise _assigned(item, noun)
    return True


def ensure_claimed(item: Claimable, by: str, noun: Noun) -> None:
    """Raise Conflict `<noun>_unclaimed` or `<noun>_assigned` unless somebody has this item."""
    if item.assignee_id is None:
        raise Conflict(f"{noun}_unclaimed", f"Claim the {noun} before you decide it.")
    if item.assignee_id != by:
        raise _assigned(item, noun)


def ensure_version(item: Claimable, version: int, noun: Noun) -> None:
    """Raise Conflict `<noun>_changed` unless the item is as it was read."""
    if item.version != version:
        raise Conflict(f"{noun}_changed", f"The {noun} changed since you read it.", version=item.version)


def _assigned(item: Claimable, noun: Noun) -> Conflict:
    return Conflict(f"{noun}_assigned", f"Somebody else has this {noun}.", assignee_id=item.assignee_id)
