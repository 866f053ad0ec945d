"""Something that is read from the server: not yet, there, or failed."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from cardwright_mobile.api.problems import ApiError, SignedOut, StepUpNeeded

T = TypeVar("T")


@dataclass
class Reading:
    """What every state has; `trouble` is the code of what went wrong, `detail` the server's words for it."""

    is_ready: bool = False
    trouble: str = ""
    detail: str = ""
    _read_at: datetime | None = None

    @property
    def read_at(self) -> datetime | None:
        """When the server answered last; as it changes with every look, nothing is drawn anew for it."""
        return self._read_at

    async def attempt(self, work: Awaitable[T]) -> T | None:
        """Return what the work brings, or None and say what went wrong.

        SignedOut and StepUpNeeded pass through, as somebody has to go to the browser for them.
        """
        try:
            brought = await work
        except (SignedOut, StepUpNeeded):
            raise
        except ApiError as error:
            self.trouble, self.detail = error.code, error.detail
            return None
        self.trouble = self.detail = ""
        self._read_at = datetime.now(UTC)
        return brought

    def recall(self, at: datetime) -> None:
        """Be ready with what was read at an earlier instant, and kept."""
        self._read_at = at
        self.is_ready = True
