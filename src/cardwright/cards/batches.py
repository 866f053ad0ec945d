"""Making many cards from a list: kept at once, made by the worker, each row exactly once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.access import Viewer
from cardwright.cards import batch_store, service, templates
from cardwright.cards.domain import Batch, BatchRow
from cardwright.cards.service import NewCard
from cardwright.core.errors import CardwrightError, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

ROWS_AT_ONCE: Final = 100
Reading = Callable[[Mapping[str, str]], NewCard]


async def create_batch(
    session: Session, contents: Sequence[Mapping[str, str]], *, program_id: str, user_id: str,
    currency: str, processor: str, at: datetime,
) -> Batch:  # fmt: skip
    """Keep a list of cards to make, for a holder whose level allows another; each is asked about again."""
    await service.ensure_may_have_another(session, program_id, user_id, at=at)
    batch = Batch(new_id("batch"), program_id, user_id, currency, processor, len(contents), False, at, {})
    await batch_store.insert_batch(session, batch, contents)
    await outbox.append(session, _event(batch, at))
    details = {"rows": batch.total}
    await audit.record(session, user_id, program_id, "card_batch.requested", batch.id, details, at)
    return await get_batch(session, batch.id, viewer=Viewer(program_id, user_id))


async def get_batch(session: Session, batch_id: str, *, viewer: Viewer) -> Batch:
    """Return a batch within a viewer's sight; raise NotFound for any other."""
    batch = await batch_store.find_batch(session, batch_id)
    if batch is None or not viewer.sees(batch):
        raise NotFound("batch_unknown", "There is no such batch.")
    return batch


async def cancel_batch(session: Session, batch_id: str, *, viewer: Viewer, at: datetime) -> Batch:
    """Make no more cards of a batch; those that were made stay."""
    batch = await get_batch(session, batch_id, viewer=viewer)
    if not batch.is_canceled:
        await batch_store.cancel_batch(session, batch_id)
        await audit.record(session, batch.user_id, batch.program_id, "card_batch.canceled", batch_id, {}, at)
    return await get_batch(session, batch_id, viewer=viewer)


async def make_cards(work: Work, event: Event, reading: Reading) -> None:
    """Make the next cards of a batch, each in one transaction with its row; order the rest to be made."""
    for _ in range(ROWS_AT_ONCE):
        if not await _make_one(work, event.subject_id, reading):
            return
    async with work.transaction() as session:
        batch = await batch_store.find_batch(session, event.subject_id)
        if batch is not None:
            await outbox.append(session, _event(batch, work.clock.now()))


async def _make_one(work: Work, batch_id: str, reading: Reading) -> bool:
    at = work.clock.now()
    async with work.transaction() as session:
        batch = await batch_store.find_batch(session, batch_id)
        row = await batch_store.waiting_row_for_update(session, batch_id)
        if batch is None or row is None:
            return False
        try:
            # What fails within is undone to here, and the row says why.
            async with session.begin_nested():
                card_id = await _make(session, batch, row, reading, at)
        except CardwrightError as error:
            await batch_store.save_failed(session, batch_id, row.number, error.code, error.message)
        else:
            await batch_store.save_made(session, batch_id, row.number, card_id)
    return True


async def _make(session: Session, batch: Batch, row: BatchRow, reading: Reading, at: datetime) -> str:
    wanted = replace(reading(row.content), processor=batch.processor)
    if wanted.template_id is not None:
        wanted = await templates.from_template(
            session, wanted.template_id, wanted, program_id=batch.program_id, at=at
        )
    card = await service.create_card(
        session, wanted, program_id=batch.program_id, user_id=batch.user_id, currency=batch.currency, at=at
    )
    return card.id


def subscription(reading: Reading) -> Subscription:
    """Return the worker's part, which reads rows as the API reads cards."""

    async def handle(work: Work, event: Event) -> None:
        await make_cards(work, event, reading)

    return Subscription("cards.make_cards", "cards.batch_requested", handle)


def _event(batch: Batch, at: datetime) -> Event:
    return Event("cards.batch_requested", batch.program_id, batch.id, at, {"user_id": batch.user_id})
