"""Reading a vendor's lists: a window with an overlap, page by page, going on where it was interrupted."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cardwright.db.jobs import Work
from cardwright.reconciliation import reported_store, store
from cardwright.reconciliation.balances import Balances
from cardwright.reconciliation.domain import Run, Stream
from cardwright.reconciliation.ports import Reporter
from cardwright.reconciliation.reported_store import Reading, Whose

FIRST_LOOK: Final = timedelta(days=35)
"""How far back the first run looks."""
_OVERLAP: Final = timedelta(days=3)
_DISPUTED: Final = timedelta(days=540)
"""How long money may move for a dispute after it began, with every appeal."""
_OVERLAPS: Final[Mapping[Stream, timedelta]] = {
    # An authorization changes for as long as it may be captured, 31 days at most, and is listed by its birth.
    Stream.AUTHORIZATIONS: FIRST_LOOK,
    # So do disputes, for longer; there are few.
    Stream.DISPUTES: _DISPUTED,
    Stream.CHARGE_DISPUTES: _DISPUTED,
}
_AHEAD: Final = timedelta(days=366)
"""The vendor's clock is not ours: what it dates after our present is read, too, and is young."""

Tell = Callable[[int], Awaitable[None]]
"""Told how many records a page had."""


async def fetch(work: Work, run: Run, reporter: Reporter, tell: Tell) -> Balances | None:
    """Read all lists of a vendor for a run; raises Unavailable, and a later call goes on from there.

    Returns its balances where they stood still while their movements were read, otherwise None.
    """
    await _read(work, run, reporter, [it for it in reporter.streams if it is not Stream.MOVEMENTS], tell)
    before = await reporter.balances()
    await _read(work, run, reporter, [it for it in reporter.streams if it is Stream.MOVEMENTS], tell)
    return before if before == await reporter.balances() else None


async def _read(work: Work, run: Run, reporter: Reporter, streams: Sequence[Stream], tell: Tell) -> None:
    whose = Whose(run.program_id, reporter.source)
    for stream in streams:
        reading = await _begin(work, run, whose, stream)
        while not reading.is_read:
            reading = await _read_page(work, whose, reporter, stream, reading, tell)


async def _begin(work: Work, run: Run, whose: Whose, stream: Stream) -> Reading:
    async with work.transaction() as session:
        before = await reported_store.find_reading(session, whose, stream)
        if before is not None and before.run_id == run.id:
            return before
        oldest = await store.oldest_unclosed(session, whose.program_id, whose.source)
        reading = _window(run, stream, before, oldest)
        await reported_store.save_reading(session, whose, stream, reading)
    return reading


def _window(run: Run, stream: Stream, before: Reading | None, oldest: datetime | None) -> Reading:
    watermark = before.watermark if before else None
    overlap = _OVERLAPS.get(stream, _OVERLAP)
    first_look = run.as_of - max(FIRST_LOOK, overlap)
    since = first_look if watermark is None else watermark - overlap
    if oldest is not None:
        # What differs is read again until it agrees, or is older than anybody looks back.
        since = min(since, max(first_look, oldest))
    # Whole days, so that their totals can be added up.
    since = min(since, run.since or since).replace(hour=0, minute=0, second=0, microsecond=0)
    covered_since = min(since, before.covered_since) if before and watermark else since
    return Reading(run.id, covered_since, watermark, since, run.as_of + _AHEAD)


async def _read_page(
    work: Work, whose: Whose, reporter: Reporter, stream: Stream, reading: Reading, tell: Tell
) -> Reading:
    page = await reporter.page(stream, since=reading.since, until=reading.until, cursor=reading.cursor)
    read = replace(reading, cursor=page.next_cursor)
    if page.next_cursor is None:
        read = replace(read, is_read=True, watermark=_watermark(reading))
    async with work.transaction() as session:
        await reported_store.keep_reports(session, whose, reading.run_id, page.reports)
        if read.is_read:
            await reported_store.withdraw_unnamed(session, whose, stream, read)
        await reported_store.save_reading(session, whose, stream, read)
    await tell(len(page.reports))
    return read


def _watermark(reading: Reading) -> datetime:
    return reading.until - _AHEAD
