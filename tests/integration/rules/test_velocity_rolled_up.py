"""Velocity that is rolled up: what is read is what a count by hand gives, however far it has come."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Work
from cardwright.db.session import Session, transaction
from cardwright.rules.velocity import (
    ALIASES,
    DEFINITIONS,
    Concerned,
    Entity,
    Event,
    Occurrence,
    definition,
    lock_velocity,
    read_past_velocity,
    read_velocity,
    record_velocity,
    roll_up,
    rolling,
    rolling_store,
)
from cardwright.rules.velocity.reading import reading_of
from integration.rules.test_velocity import scans_of
from unit.rules.velocity_by_hand import GAPS, Happened, count, draw, random_authorization

PROGRAM: Final = "prog_0000000000000000000000demo"
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
ALL: Final = (*(found.name for found in DEFINITIONS), *ALIASES)
AUTHORIZATIONS: Final = 90
CHUNK: Final = 3
LONG: Final = (
    "velocity.merchant.attempted_count_30d", "velocity.merchant.distinct_cards_7d",
    "velocity.merchant.distinct_cards_90d",
)  # fmt: skip
ROLLED: Final = "SELECT count(*) FROM velocity_totals WHERE currency = ''"


class Killed(Exception):
    """The worker is gone."""


@pytest.fixture
def work(engine: AsyncEngine) -> Work:
    return Work(engine, SystemClock(), {})


def concerned(now: Happened) -> Concerned:
    return Concerned(PROGRAM, now.card, now.holder, now.merchant)


def keys(now: Happened) -> list[tuple[Entity, rolling_store.Key]]:
    card, merchant = {"card_id": now.card}, {"merchant_id": now.merchant}
    holder = {"user_id": now.holder}
    return [
        (Entity.CARD, card), (Entity.HOLDER, holder), (Entity.MERCHANT, merchant),
        (Entity.CARD_MERCHANT, {**card, **merchant}),
    ]  # fmt: skip


async def happen(session: Session, asked: Happened, number: int, names: tuple[str, ...] = ALL) -> Happened:
    """Let an authorization see what was before, check it against what the events tell, and record it."""
    whom = concerned(asked)
    await lock_velocity(session, names, whom)
    seen = await read_velocity(
        session, names, whom, amount=asked.amount, currency=asked.currency, at=asked.at
    )
    then = Occurrence(whom, seen.occurred_at)
    past = await read_past_velocity(session, names, then, amount=asked.amount, currency=asked.currency)
    assert seen.values == past
    event = Event(
        f"dec_{asked.card}_{number}", asked.country, "5411", asked.currency, asked.amount,
        is_approved=asked.is_approved,
    )  # fmt: skip
    await record_velocity(session, whom, event, occurred_at=seen.occurred_at)
    return Happened(
        asked.card, asked.holder, asked.merchant, asked.country, asked.currency, asked.amount,
        asked.is_approved, seen.occurred_at,
    )  # fmt: skip


async def roll_and_be_killed(work: Work, entity: Entity, key: rolling_store.Key, most: int) -> None:
    async with work.transaction() as session:
        until = await rolling_store.newest(session, entity, key)
        assert until is not None
        await rolling_store.roll(session, entity, key, until=until, chunk=CHUNK, most=most)
        raise Killed


async def roll_some(work: Work, random: Random, now: Happened) -> None:
    """Roll up one whom an authorization concerned, in transactions of few, and be killed at times."""
    entity, key = random.choice(keys(now))
    most = random.choice([4, 10, 1_000])
    if random.random() < 0.3:
        with pytest.raises(Killed):
            await roll_and_be_killed(work, entity, key, most)
    else:
        await rolling.roll_up_one(work, entity, key, chunk=CHUNK, most=most)


@pytest.mark.parametrize("seed", range(4))
async def test_every_field_is_what_a_count_by_hand_gives_wherever_the_worker_is(
    work: Work, seed: int
) -> None:
    random = draw(seed)
    history: list[Happened] = []
    at = NOON
    for number in range(AUTHORIZATIONS):
        at += random.choice(GAPS)
        async with work.transaction() as session:
            now = await happen(session, random_authorization(random, at), number)
            again = await read_velocity(
                session, ALL, concerned(now), amount=now.amount, currency=now.currency,
                at=now.at + timedelta(days=random.choice([0, 1, 20, 80])),
            )  # fmt: skip
        history.append(now)
        later = Happened(
            now.card, now.holder, now.merchant, now.country, now.currency, now.amount, now.is_approved,
            again.occurred_at,
        )  # fmt: skip
        assert again.values == {
            name: count(found, history, later) for name in ALL if (found := definition(name))
        }
        if random.random() < 0.5:
            await roll_some(work, random, random.choice(history))
    async with work.transaction() as session:
        assert (await session.execute(text(ROLLED))).scalar_one() > AUTHORIZATIONS // CHUNK


_BUSY: Final = """
INSERT INTO velocity_events (decision_id, program_id, card_id, user_id, merchant_id, merchant_country, mcc,
    currency, amount, is_approved, occurred_at)
SELECT 'dec_' || n, :program, 'card_' || n * 7 % 450, 'user_' || n * 7 % 90, 'mer_1', 'US', '5411', 'USD',
    n % 50, n % 4 > 0, CAST(:at AS timestamptz) - n * interval '2 minutes'
FROM generate_series(1, 40000) AS n
"""


async def test_the_worker_finds_who_is_busy_and_what_is_read_no_longer_grows(
    work: Work, engine: AsyncEngine
) -> None:
    names = tuple(name for name in ALL if name.startswith("velocity.merchant"))
    async with transaction(engine) as session:
        await session.execute(text(_BUSY), {"program": PROGRAM, "at": NOON})
    asked = Happened("card_1", "user_1", "mer_1", "US", "USD", 5, is_approved=True, at=NOON)
    async with transaction(engine) as session:
        await happen(session, asked, 0, names)
    assert await roll_up(work) > 40_000 // rolling.CHUNK
    assert await roll_up(work) == 0
    async with transaction(engine) as session:
        await happen(session, asked, 1, names)
        rolled = await session.execute(text(f"{ROLLED} AND entity = 'merchant'"))
        assert rolled.scalar_one() == 40_000 // rolling.CHUNK
        plan = await session.execute(
            text(f"EXPLAIN (ANALYZE, FORMAT JSON) {reading_of(LONG).text}"),
            {"at": NOON, "card_id": "card_1", "user_id": "user_1", "merchant_id": "mer_1"},
        )
    # Three windows of up to 40,000 events, each of them read by its ends.
    scans = list(scans_of(plan.scalar_one()[0]["Plan"]))
    read = sum(it["Actual Rows"] * it["Actual Loops"] for it in scans)
    assert 0 < read < (3 + 3) * 2 * rolling.CHUNK


async def test_what_was_seen_before_the_longest_window_is_forgotten(work: Work, engine: AsyncEngine) -> None:
    random = draw(6)
    for number in range(120):
        asked = random_authorization(random, NOON + timedelta(days=number * 3))
        asked = replace(asked, card=f"card_{number}", merchant="mer_1")
        async with transaction(engine) as session:
            await happen(session, asked, number)
        await rolling.roll_up_one(work, Entity.MERCHANT, {"merchant_id": "mer_1"}, chunk=CHUNK)
    async with transaction(engine) as session:
        seen = await session.execute(
            text("SELECT count(*) FROM velocity_last_seen WHERE measure LIKE '%cards'")
        )
        counted = await session.execute(text("SELECT count(*) FROM velocity_last_counts"))
        assert 25 <= seen.scalar_one() <= 40
        assert counted.scalar_one() <= 2 * 14


async def until_waiting(engine: AsyncEngine, is_done: Callable[[], bool]) -> None:
    """Wait until somebody waits for an advisory lock."""
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(200):
        assert not is_done()
        async with transaction(engine) as session:
            if (await session.execute(text(query))).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def test_who_is_late_at_a_merchant_is_waited_for_and_counted(work: Work, engine: AsyncEngine) -> None:
    first, second = (
        Happened(f"card_{n}", f"user_{n}", "mer_1", "US", "USD", 5, is_approved=True, at=NOON) for n in (1, 2)
    )
    key = {"merchant_id": "mer_1"}
    # Neither reads of the merchant, so they share its lock: the one that came first commits last.
    async with transaction(engine) as late:
        await happen(late, first, 0, ())
        for number in range(1, 9):
            async with transaction(engine) as session:
                await happen(session, second, number, ())
        rolling_up = asyncio.create_task(rolling.roll_up_one(work, Entity.MERCHANT, key, chunk=CHUNK))
        await until_waiting(engine, rolling_up.done)
        assert not rolling_up.done()
    assert await rolling_up == 2
    async with transaction(engine) as session:
        names = ("velocity.merchant.attempted_count_1h", "velocity.merchant.distinct_cards_24h")
        seen = await read_velocity(
            session, names, concerned(first), amount=1, currency="USD", at=NOON + timedelta(seconds=1)
        )
    assert seen.values == {names[0]: 9, names[1]: 2}


async def test_two_workers_roll_up_the_same_once(work: Work, engine: AsyncEngine) -> None:
    random = draw(5)
    for number in range(30):
        asked = random_authorization(random, NOON + timedelta(minutes=number))
        async with transaction(engine) as session:
            await happen(session, asked, number)
    key = {"merchant_id": "mer_1"}
    rolled = await asyncio.gather(
        *[rolling.roll_up_one(work, Entity.MERCHANT, key, chunk=2, most=5) for _ in range(4)]
    )
    async with transaction(engine) as session:
        totals = await session.execute(text(f"{ROLLED} AND entity = 'merchant'"))
        assert totals.scalar_one() == sum(rolled) > 2
        await happen(session, random_authorization(random, NOON + timedelta(hours=2)), 30)


async def test_totals_are_never_changed(work: Work, engine: AsyncEngine) -> None:
    now = random_authorization(draw(1), NOON)
    for number in range(5):
        async with transaction(engine) as session:
            await happen(session, now, number)
    assert await rolling.roll_up_one(work, *keys(now)[0], chunk=2) == 2
    for change in ("UPDATE velocity_totals SET spent = 0", "DELETE FROM velocity_totals",
                   "TRUNCATE velocity_totals"):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"):
            async with transaction(engine) as session:
                await session.execute(text(change))
