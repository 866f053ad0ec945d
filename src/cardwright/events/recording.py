"""Writing the stream: what the relay takes from the outbox gets its place here, in the same transaction."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.events import store
from cardwright.events.catalogue import CATALOGUE
from cardwright.events.domain import RecordedEvent, person_of

_SEED_BYTES: Final = 32


async def begin_recording(session: Session) -> None:
    """Wait until no other relay records; do so before anything is taken from the outbox.

    Then what this transaction takes was committed after all that is recorded: of one object, whose changes
    wait for each other, the events are recorded in the order of their commits.
    """
    await store.lock_recording(session)


async def record(session: Session, events: Sequence[Event], *, at: datetime) -> Sequence[RecordedEvent]:
    """Give the events of the catalogue their places in their programs' streams; return them in that order.

    Events that are ours alone, and events that were recorded before, are left out. The caller has begun
    recording and took the events in this transaction; when it commits, each is recorded exactly once.
    """
    by_id = {it.id: _new(it) for it in events if it.type in CATALOGUE}
    if not by_id:
        return ()
    positions = await store.insert_events(
        session, list(by_id.values()), cursor_seed=secrets.token_bytes(_SEED_BYTES), at=at
    )
    return [_placed(new.event, positions[id_]) for id_, new in by_id.items() if id_ in positions]


def _new(event: Event) -> store.NewEvent:
    kind = CATALOGUE[event.type]
    told = RecordedEvent(
        id=event.id, program_id=event.program_id, position=0, type=event.type, subject_id=event.subject_id,
        user_id=person_of(event.subject_id, event.payload), occurred_at=event.occurred_at,
        data=kind.data_of(event.payload),
    )  # fmt: skip
    return store.NewEvent(told, kind.audience)


def _placed(event: RecordedEvent, position: int) -> RecordedEvent:
    return RecordedEvent(
        event.id, event.program_id, position, event.type, event.subject_id, event.user_id, event.occurred_at,
        event.data,
    )  # fmt: skip
