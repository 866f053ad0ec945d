"""Asking the gateway again about many things at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from cardwright.db.jobs import Work

SILENCE_BEFORE_POLL: Final = timedelta(minutes=5)
POLL_BATCH: Final = 50


async def refresh_each(
    work: Work, references: Sequence[str], refresh: Callable[[Work, str], Awaitable[None]]
) -> None:
    """Refresh everything that is referred to; every failure is raised at the end, none stops another."""
    outcomes = await asyncio.gather(
        *(refresh(work, reference) for reference in references), return_exceptions=True
    )
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise ExceptionGroup("some could not be refreshed", failures)
