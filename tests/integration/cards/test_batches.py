"""Many cards from a list: each row becomes exactly one card, or says why not."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards
from cardwright.access import Viewer
from cardwright.cards import batch_store, batches
from cardwright.cards.domain import Batch
from cardwright.cards.domain.batches import MOST_ROWS, read_rows
from cardwright.cards.rows import card_of_row
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Invalid
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from integration.kyc.people import a_verified_person, drain, the_program


async def asked(engine: AsyncEngine, clock: MovableClock, text_: str) -> tuple[Batch, Event]:
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
        batch = await batches.create_batch(
            session, read_rows(text_), program_id=program.id, user_id=user_id, currency="USD",
            processor="stripe", at=clock.now(),
        )  # fmt: skip
    [event] = [it for it in await drain(engine) if it.type == "cards.batch_requested"]
    return batch, event


async def ended(engine: AsyncEngine, batch: Batch) -> Batch:
    async with transaction(engine) as session:
        return await batches.get_batch(session, batch.id, viewer=Viewer(batch.program_id, batch.user_id))


async def count(engine: AsyncEngine, what: str) -> int:
    async with transaction(engine) as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one())  # noqa: S608


async def test_a_wrong_row_says_why_and_stops_no_other(engine: AsyncEngine, clock: MovableClock) -> None:
    list_ = (
        "label,type,uses,merchant_lock,limit_month,valid_until\n"
        "Ads,standard,,,50000,\n"
        "Trial,single_use,,first,,\n"
        "Tools,limited_use,,,,\n"
        "Rent,recurring,,,1e3,\n"
        "Travel,dated,,,,2026-12-24T00:00:00Z\n"
        "=cmd(),standard,,,,\n"
        "Odd,physical,,,,\n"
    )
    batch, event = await asked(engine, clock, list_)
    await batches.make_cards(Work(engine, clock, {}), event, card_of_row)
    async with transaction(engine) as session:
        rows = await batch_store.rows_page(session, batch.id, state=None, after=0, limit=100)
    assert [(row.number, row.state, row.error_code) for row in rows] == [
        (1, "made", None), (2, "made", None), (3, "failed", "card_terms_invalid"),
        (4, "failed", "row_invalid"), (5, "made", None), (6, "failed", "row_invalid"),
        (7, "failed", "row_invalid"),
    ]  # fmt: skip
    assert await count(engine, "cards") == 3
    assert (await ended(engine, batch)).counts == {"made": 3, "failed": 4}


async def test_many_workers_make_each_row_once(engine: AsyncEngine, clock: MovableClock) -> None:
    rows = 180
    batch, event = await asked(engine, clock, "label\n" + "".join(f"Card {n}\n" for n in range(rows)))
    work = Work(engine, clock, {})
    await asyncio.gather(*[batches.make_cards(work, event, card_of_row) for _ in range(4)])
    assert (await ended(engine, batch)).counts == {"made": rows}
    assert await count(engine, "cards") == rows
    assert await count(engine, "card_batch_rows WHERE card_id IN (SELECT id FROM cards)") == rows
    requested = Counter(event.type for event in await drain(engine))
    assert requested["cards.card_requested"] == rows


async def test_a_long_list_goes_on_in_another_job(engine: AsyncEngine, clock: MovableClock) -> None:
    batch, event = await asked(engine, clock, "label\n" + "Card\n" * (batches.ROWS_AT_ONCE + 5))
    work = Work(engine, clock, {})
    await batches.make_cards(work, event, card_of_row)
    assert (await ended(engine, batch)).counts == {"made": batches.ROWS_AT_ONCE, "waiting": 5}
    [following] = [it for it in await drain(engine) if it.type == "cards.batch_requested"]
    await batches.make_cards(work, following, card_of_row)
    assert (await ended(engine, batch)).counts == {"made": batches.ROWS_AT_ONCE + 5}


async def test_a_canceled_batch_makes_no_more(engine: AsyncEngine, clock: MovableClock) -> None:
    batch, event = await asked(engine, clock, "label\nOne\nTwo\n")
    async with transaction(engine) as session:
        viewer = Viewer(batch.program_id, batch.user_id)
        await batches.cancel_batch(session, batch.id, viewer=viewer, at=clock.now())
    await batches.make_cards(Work(engine, clock, {}), event, card_of_row)
    assert (await ended(engine, batch)).counts == {"canceled": 2}
    assert await count(engine, "cards") == 0


async def test_ten_thousand_rows_are_taken_at_once(engine: AsyncEngine, clock: MovableClock) -> None:
    batch, _ = await asked(engine, clock, "label,limit_day\n" + "Card,5000\n" * MOST_ROWS)
    assert (batch.total, batch.counts) == (MOST_ROWS, {"waiting": MOST_ROWS})


@pytest.mark.parametrize(
    "list_",
    [
        "", "label\n", "type\nstandard\n", "label,label\na,b\n", "label,nonsense\na,b\n", "label\na,b\n",
        'label\n"a\n', 'label\n"a"b\n', "label\n" + "a\n" * (MOST_ROWS + 1),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_list_that_is_not_as_it_should_be_is_refused_whole(list_: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rows(list_)
    assert refused.value.code == "csv_invalid"


def test_every_subscription_of_cards_has_a_name_of_its_own() -> None:
    names = [subscription.name for subscription in cards.SUBSCRIPTIONS]
    assert len(set(names)) == len(names)
