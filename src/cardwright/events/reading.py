"""Following the stream: pages in its order, a cursor to go on from, and what became of old events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cardwright.core.errors import Gone, Invalid, NotFound
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.events import store
from cardwright.events.catalogue import CATALOGUE
from cardwright.events.cursors import cursor_at, position_of
from cardwright.events.domain import EventType, RecordedEvent
from cardwright.events.store import Wanted

_ANYTHING: Final = Wanted(is_for_staff=True)
_SWEPT_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the stream keeps events."""

    lasts: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in the order of the stream; `cursor` is where to go on, None before the first event.

    `last_position` is where the stream ended when it was read.
    """

    events: Sequence[RecordedEvent]
    has_more: bool
    cursor: str | None
    last_position: int = 0


async def read_events(
    session: Session, program_id: str, wanted: Wanted, *, cursor: str | None, limit: int
) -> EventPage:
    """Return what follows a cursor, or the oldest that are kept; an empty page has a cursor as well.

    The cursor of a page that is not full is at the end of the stream, so that what a filter left out is not
    looked through again. Raises Invalid `cursor_invalid`, Gone `cursor_expired`.
    """
    ensure_known(wanted.types)
    stream = await store.find_stream(session, program_id)
    if stream is None:
        if cursor is not None:
            raise Invalid("cursor_invalid", "This is no cursor of this stream; begin without one.")
        return EventPage((), has_more=False, cursor=None)
    after = 0 if cursor is None else position_of(cursor, stream.cursor_key, last=stream.last_position)
    stream, found = await store.list_events(session, program_id, wanted, after=after, limit=limit + 1)
    if cursor is not None and after < stream.swept_position:
        raise Gone(
            "cursor_expired",
            "Events after this cursor are kept no more. Read your objects anew, then begin without one.",
        )
    has_more = len(found) > limit
    end = found[limit - 1].position if has_more else stream.last_position
    return EventPage(
        found[:limit], has_more=has_more, cursor=cursor_at(end, stream.cursor_key),
        last_position=stream.last_position,
    )  # fmt: skip


async def last_position(session: Session, program_id: str) -> int:
    """Return where the stream ends now; 0 before its first event."""
    stream = await store.find_stream(session, program_id)
    return 0 if stream is None else stream.last_position


async def list_events(
    session: Session, program_id: str, *, after: int, types: Sequence[str] = (),
    subject_id: str | None = None, user_id: str | None = None, limit: int,
) -> Sequence[RecordedEvent]:  # fmt: skip
    """Return the oldest events after a position: one person's, or all that are for developers.

    Raises Invalid `event_type_unknown`; Gone `cursor_expired` when some of them are not kept any more.
    """
    ensure_known(types)
    if await store.find_stream(session, program_id) is None:
        return ()
    wanted = Wanted(tuple(types), subject_id, user_id)
    stream, found = await store.list_events(session, program_id, wanted, after=after, limit=limit)
    if after < stream.swept_position:
        raise Gone("cursor_expired", "Events after this position are not kept any more.")
    return found


async def get_event(
    session: Session, program_id: str, event_id: str, sight: Wanted = _ANYTHING
) -> RecordedEvent:
    """Return an event of a program that is in sight; raise NotFound `event_unknown` for any other."""
    found = await store.find_event(session, program_id, sight, event_id)
    if found is None:
        raise NotFound("event_unknown", "There is no such event, or it is not kept any more.")
    return found


def ensure_known(types: Sequence[str]) -> None:
    """Raise Invalid `event_type_unknown` for what matches no type of the catalogue."""
    for wanted in types:
        if not any(matches(wanted, it) for it in CATALOGUE.values()):
            raise Invalid("event_type_unknown", f"No type of event is called {wanted[:60]}.")


def matches(wanted: str, kind: EventType) -> bool:
    """Answer whether a type is meant by its name or by its area, as in `payments.*`."""
    return wanted in {kind.name, f"{kind.area}.*"}


async def sweep_events(work: Work) -> int:
    """Remove what the stream has kept for long enough, a part at a time; return how many."""
    before, removed = work.clock.now() - work.get(Retention).lasts, 0
    while True:
        async with work.transaction() as session:
            now = await store.remove_oldest(session, before=before, limit=_SWEPT_AT_ONCE)
        removed += now
        if now < _SWEPT_AT_ONCE:
            return removed
