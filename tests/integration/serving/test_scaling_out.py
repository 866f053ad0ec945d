"""One, two and four APIs and workers on one database decide and tell the same, each thing once."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import transaction
from concurrency.crowd import a_stranger, books, purchases
from fleet import Fleet, running_fleet
from integration.payments.holders import Holding
from integration.payments.wire import PATH
from integration.worker.bench import eventually

SIZES = (1, 2, 4)
ASKED, AFFORDED, AMOUNT = 40, 25, 10_00
SETTINGS = {
    # Who wins is asked, not how fast this machine is.
    "CARDWRIGHT_PROGRAM__STAND_IN_AFTER_MS": "30000",
    "CARDWRIGHT_DRAIN__SECONDS": "0",
    # Four of each, beside each other and the tests.
    "CARDWRIGHT_DATABASE_POOL_SIZE": "5",
}
WAITING = text("""
    SELECT (SELECT count(*) FROM outbox) +
           (SELECT count(*) FROM pgqueuer WHERE status = 'picked' OR (status = 'queued' AND attempts < 3))
""")
TOLD = text("""
    SELECT type, count(*) AS events, count(DISTINCT subject_id) AS payments
    FROM events WHERE type LIKE 'payments.%' AND user_id = :user GROUP BY type
""")
LISTED = text("""
    SELECT event_type, count(*) AS times FROM notifications
    WHERE user_id = :user AND channel = 'in_app' AND event_type LIKE 'payments.%' GROUP BY event_type
""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the payments of one person."""

    approved: int
    decided: int
    books: tuple[int, int]
    told: Mapping[str, tuple[int, int]]
    listed: Mapping[str, int]


async def test_however_many_processes_there_are_no_payment_is_lost_or_doubled(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    approved = {}
    # Made before any worker runs, which would begin what is done here by hand.
    people = {
        size: await a_stranger(engine, (), (), (), balance=AFFORDED * AMOUNT) for size in SIZES
    }  # fmt: skip
    with running_fleet(database_url, tmp_path, **SETTINGS) as fleet:
        for size, holding in people.items():
            await asyncio.to_thread(fleet.grow_to, size)
            approved[size] = await _pay(fleet, holding)
        await eventually(lambda: _is_idle(engine))
    # Once all of them have stopped, so that nothing can be doubled any more.
    outcomes = {size: await _outcome(engine, people[size], approved[size]) for size in SIZES}
    for size, outcome in outcomes.items():
        assert (outcome.approved, outcome.decided) == (AFFORDED, ASKED), size
        assert outcome.books == (0, AFFORDED * AMOUNT), size
        assert outcome.told["payments.authorization_approved"] == (AFFORDED, AFFORDED), size
        assert sum(events for events, _ in outcome.told.values()) >= ASKED
        assert outcome.listed
        # What one process of each does is what any number of them do.
        assert outcome == outcomes[1], size


async def _pay(fleet: Fleet, holding: Holding) -> int:
    """Ask everything twice at once, of different processes where there are several; return the approvals."""
    # All at once on a few connections each: what waits for the wallet waits in its process.
    limits = httpx.Limits(max_connections=20)
    clients = [
        httpx.AsyncClient(base_url=address, limits=limits, timeout=60, trust_env=False)
        for address in fleet.addresses
    ]
    asked = purchases(holding, ASKED, AMOUNT)
    answers = await asyncio.gather(
        *(
            clients[(number + again) % len(clients)].post(PATH, **each)
            for again in (0, 1)
            for number, each in enumerate(asked)
        )
    )
    for client in clients:
        await client.aclose()
    first, second = _answers(answers[:ASKED]), _answers(answers[ASKED:])
    assert first == second
    return Counter(approved for approved, _ in first)[True]


def _answers(answers: Sequence[httpx.Response]) -> Sequence[tuple[bool, str]]:
    told: Sequence[Mapping[str, Any]] = [answer.json() for answer in answers]
    return [(it["approved"], it["metadata"]["decision_id"]) for it in told]


async def _is_idle(engine: AsyncEngine) -> bool:
    async with transaction(engine) as session:
        return (await session.execute(WAITING)).scalar_one() == 0


async def _outcome(engine: AsyncEngine, holding: Holding, approved: int) -> Outcome:
    query = text("SELECT count(*) FROM decisions WHERE card_id = ANY(:cards)")
    async with transaction(engine) as session:
        decided = await session.execute(query, {"cards": [card.id for card in holding.cards]})
        told = await session.execute(TOLD, {"user": holding.user_id})
        listed = await session.execute(LISTED, {"user": holding.user_id})
        return Outcome(
            approved, decided.scalar_one(), await books(engine, holding),
            {row.type: (row.events, row.payments) for row in told},
            {row.event_type: row.times for row in listed},
        )  # fmt: skip
