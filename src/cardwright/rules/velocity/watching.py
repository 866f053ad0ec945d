"""What an authorization reads of those before it, and leaves for those after it."""

from collections.abc import Mapping
from datetime import datetime

from cardwright.db.session import Session
from cardwright.rules.velocity import store
from cardwright.rules.velocity.reading import reading_of
from cardwright.rules.velocity.store import Concerned, Event, Occurrence, Seen


async def lock_velocity(session: Session, names: tuple[str, ...], concerned: Concerned) -> None:
    """Keep what fields of those names hold as it is; the caller holds the wallet's lock.

    From here to the end of the transaction nobody else decides for the holder, nor at the merchant where that
    is read of.
    """
    await store.lock(session, concerned, reads_merchants=reading_of(names).reads_merchants)


async def read_velocity(
    session: Session, names: tuple[str, ...], concerned: Concerned, *, amount: int, currency: str,
    at: datetime,
) -> Seen:  # fmt: skip
    """Return what the fields of those names hold, which are locked; `amount` in minor units of `currency`."""
    return await store.read(session, reading_of(names), concerned, amount=amount, currency=currency, at=at)


async def record_velocity(
    session: Session, concerned: Concerned, event: Event, *, occurred_at: datetime
) -> None:
    """Note what came of an authorization; `occurred_at` is what it saw in the same transaction."""
    await store.insert_event(session, concerned, event, occurred_at=occurred_at)


async def read_past_velocity(
    session: Session, names: tuple[str, ...], past: Occurrence, *, amount: int, currency: str
) -> Mapping[str, int | None]:
    """Return what an authorization of the past would have read of the fields of those names.

    It is the statement of the present but for the instant. Nothing is locked: what is over does not change.
    """
    if not names:
        return {}
    reading = reading_of(names, of_the_past=True)
    seen = await store.read(
        session, reading, past.concerned, amount=amount, currency=currency, at=past.occurred_at
    )
    return seen.values
