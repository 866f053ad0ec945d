"""Velocity on PostgreSQL: every field is what a count by hand gives, and no row is visited to count it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import Session, transaction
from cardwright.rules.velocity import (
    ALIASES,
    DEFINITIONS,
    Concerned,
    Event,
    definition,
    lock_velocity,
    read_velocity,
    record_velocity,
)
from cardwright.rules.velocity.reading import reading_of
from unit.rules.velocity_by_hand import GAPS, Happened, count, draw, random_authorization

PROGRAM: Final = "prog_0000000000000000000000demo"
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
CARD_AT_MERCHANT = "ix_velocity_events_card_merchant"
ALL: Final = (*(found.name for found in DEFINITIONS), *ALIASES)
AUTHORIZATIONS: Final = 90


def concerned(now: Happened) -> Concerned:
    return Concerned(PROGRAM, now.card, now.holder, now.merchant)


def event(now: Happened, number: int) -> Event:
    return Event(
        f"dec_{now.card}_{number}", now.country, "5411", now.currency, now.amount, is_approved=now.is_approved
    )


@pytest.mark.parametrize("seed", range(3))
async def test_every_field_is_what_a_count_by_hand_gives(session: Session, seed: int) -> None:
    random = draw(seed)
    history: list[Happened] = []
    at = NOON
    for number in range(AUTHORIZATIONS):
        at += random.choice(GAPS)
        asked = random_authorization(random, at)
        is_watched = random.random() < 0.9
        names = ALL if is_watched else ()
        await lock_velocity(session, names, concerned(asked))
        seen = await read_velocity(
            session, names, concerned(asked), amount=asked.amount, currency=asked.currency, at=at
        )
        await record_velocity(session, concerned(asked), event(asked, number), occurred_at=seen.occurred_at)
        stored = await stored_at(session, event(asked, number).decision_id)
        now = Happened(
            asked.card, asked.holder, asked.merchant, asked.country, asked.currency, asked.amount,
            asked.is_approved, stored,
        )  # fmt: skip
        same = [it for it in history if it.card == now.card or it.holder == now.holder]
        assert all(it.at < stored for it in same + [it for it in history if it.merchant == now.merchant])
        assert stored >= at
        assert stored == seen.occurred_at
        by_hand = {name: count(found, history, now) for name in names if (found := definition(name))}
        assert seen.values == by_hand
        history.append(now)


async def stored_at(session: Session, decision_id: str) -> datetime:
    found = await session.execute(
        text("SELECT occurred_at FROM velocity_events WHERE decision_id = :id"), {"id": decision_id}
    )
    return found.scalar_one()  # type: ignore[no-any-return]


async def test_what_happened_is_never_changed(engine: AsyncEngine) -> None:
    now = random_authorization(draw(1), NOON)
    async with transaction(engine) as session:
        await record_velocity(session, concerned(now), event(now, 0), occurred_at=NOON)
    for change in ("UPDATE velocity_events SET amount = 0", "DELETE FROM velocity_events",
                   "TRUNCATE velocity_events"):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"):
            async with transaction(engine) as session:
                await session.execute(text(change))


_MANY: Final = """
INSERT INTO velocity_events (decision_id, program_id, card_id, user_id, merchant_id, merchant_country, mcc,
    currency, amount, is_approved, occurred_at)
SELECT 'dec_' || n, :program, 'card_' || n % 400, 'user_' || n % 200, 'mer_' || n % 50, 'US', '5411', 'USD',
    n % 5000, n % 4 > 0, CAST(:at AS timestamptz) - n * interval '5 minutes'
FROM generate_series(1, 20000) AS n
"""


async def test_indexes_alone_answer_and_are_read_within_the_windows_only(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        await session.execute(text(_MANY), {"program": PROGRAM, "at": NOON})
    async with engine.connect() as connection:
        tidying = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await tidying.execute(text("VACUUM ANALYZE velocity_events"))
    given = {
        "at": NOON, "card_id": "card_8", "user_id": "user_8", "merchant_id": "mer_8", "amount": 5,
        "currency": "USD",
    }  # fmt: skip
    for prepared in ("force_custom_plan", "force_generic_plan"):
        async with transaction(engine) as session:
            await session.execute(text(f"SET LOCAL plan_cache_mode = {prepared}"))
            # Which way is the cheapest depends on what vacuum has seen; that the indexes suffice does not.
            await session.execute(text("SET LOCAL enable_bitmapscan = off"))
            await session.execute(text("SET LOCAL enable_seqscan = off"))
            found = await session.execute(
                text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {reading_of(ALL).text}"), given
            )
            plan = found.scalar_one()
        scans = list(scans_of((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
        # Rows are visited of a card at a merchant alone: few are its, and its index is small.
        assert {it["Index Name"] for it in scans if it["Node Type"] == "Index Scan"} == {CARD_AT_MERCHANT}
        assert {it["Node Type"] for it in scans} == {"Index Only Scan", "Index Scan"}
        # 90 days hold every fifth minute one, of which the merchant has a fiftieth; nothing is rolled up. All
        # is read once for what is added up, and once more for each of two things that are counted distinctly.
        read = sum(it["Actual Rows"] * it["Actual Loops"] for it in scans)
        assert read <= 3 * (90 * 288 / 50 + 90 * 288 / 200 + 90 * 288 / 400) + 90 * 288 / 400 + 50


async def test_no_plan_looks_for_a_card_among_all_that_a_merchant_has(engine: AsyncEngine) -> None:
    # What is planned for everybody knows nothing of a merchant where everybody pays: its index would do, too.
    reading = reading_of(("velocity.card_merchant.seconds_since_first",))
    async with transaction(engine) as session:
        await session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        given = {"at": NOON, "card_id": "card_8", "user_id": "user_8", "merchant_id": "mer_8"}
        found = await session.execute(text(f"EXPLAIN (FORMAT JSON) {reading.text}"), given)
        plan = found.scalar_one()
    scans = scans_of((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    assert [it["Index Name"] for it in scans if "card_id ||" in it.get("Index Cond", "")] == [
        CARD_AT_MERCHANT
    ]


def scans_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = [scan for child in node.get("Plans", ()) for scan in scans_of(child)]
    return [node, *below] if node.get("Relation Name") == "velocity_events" else below


async def test_a_window_begins_with_what_happened_exactly_so_long_ago(session: Session) -> None:
    now = random_authorization(draw(1), NOON)
    await record_velocity(session, concerned(now), event(now, 0), occurred_at=NOON)
    for later, counted in ((timedelta(hours=1), 1), (timedelta(hours=1, microseconds=1), 0)):
        seen = await read_velocity(
            session, ("velocity.card.attempted_count_1h",), concerned(now), amount=1, currency="USD",
            at=NOON + later,
        )  # fmt: skip
        assert seen.values == {"velocity.card.attempted_count_1h": counted}
