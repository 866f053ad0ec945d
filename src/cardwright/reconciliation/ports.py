"""What this slice needs of those whose books are compared with ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cardwright.reconciliation.domain import Report, Stream


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of a list; `next_cursor` asks for the page after it and is None on the last."""

    reports: Sequence[Report]
    next_cursor: str | None


class Reporter(Protocol):
    """Reads what a vendor says it did. Raises Unavailable when it does not answer."""

    @property
    def source(self) -> str:
        """The name that keeps this vendor's references apart from another's."""
        ...

    @property
    def streams(self) -> Sequence[Stream]:
        """The lists that it has."""
        ...

    async def page(
        self, stream: Stream, *, since: datetime, until: datetime, cursor: str | None
    ) -> ReportPage:
        """Return a page of what happened between two instants, the newest first."""
        ...

    async def balances(self) -> Mapping[tuple[str, str], int]:
        """Return the present balances in minor units, by their name and currency."""
        ...


class Reporters(dict[str, Reporter]):
    """Everybody who reports, by source."""

    def __init__(self, reporters: Iterable[Reporter] = ()) -> None:
        super().__init__({reporter.source: reporter for reporter in reporters})
