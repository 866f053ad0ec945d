"""What every list keeps of its items: what happened to them, and what was noted. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Item(Protocol):
    """An item of a list; `user_id` is whom it is about."""

    @property
    def id(self) -> str: ...  # noqa: D102 - said above
    @property
    def program_id(self) -> str: ...  # noqa: D102
    @property
    def user_id(self) -> str: ...  # noqa: D102


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
