"""How often what proofs found has happened, over authorizations that were really decided."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import backtests
from cardwright.backtests import RecentAuthorizations, Room
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.rules import Next, Proven, Rule, Scoring, prove_rules
from integration.backtests import past
from integration.backtests.past import flagging

VELOCITY = (
    flagging("often", "velocity.card.attempted_count_24h > 1"),
    flagging("much", "velocity.holder.approved_amount_7d > 300 && amount > 100"),
    flagging("soon", "has(velocity.merchant.seconds_since_last) && velocity.merchant.seconds_since_last < 9"),
)


async def look(engine: AsyncEngine, clock: MovableClock, program_id: str, *rules: Rule) -> Proven:
    return await prove_rules(
        partial(transaction, engine), program_id, Next(rules, Scoring()), history=RecentAuthorizations(),
        at=clock.now(),
    )  # fmt: skip


def newly_declined(proven: Proven) -> int:
    assert proven.looked is not None
    [count] = [
        count.concerned
        for finding, count in zip(proven.report.findings, proven.looked.counts.findings, strict=True)
        if finding.after == "declined"
    ]
    assert count is not None
    return count


@pytest.mark.parametrize("rule", VELOCITY, ids=lambda rule: rule.name)
async def test_velocity_that_nobody_read_then_is_counted_as_a_backtest_counts_it(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path, rule: Rule
) -> None:
    lived = await past.lived(engine, clock, count=40, gaps=past.GAPS[:6])
    proven = await look(engine, clock, lived.program_id, rule)
    assert proven.looked is not None
    files, _ = await past.exported(engine, lived.program_id, tmp_path)
    room = Room(tmp_path, memory_mib=512, threads=1)
    with backtests.open_duckdb(files.authorizations, files.labels, room) as duckdb:
        plan = backtests.plan_of(past.request(rule), [])
        [found] = backtests.evaluate(duckdb, plan, lambda _, __: None).rules
    # Increments have no place among the events, so what they saw is not known here.
    increments = sum(it.kind == "increment" for it in lived.decisions)
    assert proven.looked.looked_at == len(lived.decisions)
    assert proven.looked.incomplete == increments > 0
    assert 0 < newly_declined(proven) <= found.matches
    assert found.matches - newly_declined(proven) <= increments


async def test_what_was_recorded_is_counted_as_it_was(engine: AsyncEngine, clock: MovableClock) -> None:
    names = ["velocity.card.attempted_count_24h"]
    lived = await past.lived(engine, clock, rules=past.watching(names), count=30)
    proven = await look(engine, clock, lived.program_id, flagging("often", f"{names[0]} > 1"))
    seen: list[Any] = [it.facts.fields[names[0]] for it in lived.decisions]
    assert newly_declined(proven) == sum(count > 1 for count in seen)
    assert proven.looked is not None
    assert (proven.looked.incomplete, proven.looked.is_whole) == (0, True)
    assert proven.looked.since == lived.decisions[0].decided_at


async def test_what_was_not_looked_at_is_told(
    engine: AsyncEngine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived = await past.lived(engine, clock, count=12, gaps=[timedelta(minutes=1)])
    monkeypatch.setattr("cardwright.backtests.recent._BATCH", 5)
    monkeypatch.setattr("cardwright.rules.looking_back.MOST_LOOKED_AT", 10)
    every = flagging("every", "amount >= 0")
    some = (await look(engine, clock, lived.program_id, every)).looked
    assert some is not None
    assert (some.looked_at, some.is_whole, some.since) == (10, False, lived.decisions[2].decided_at)
    monkeypatch.setattr("cardwright.rules.looking_back._SECONDS", -1.0)
    none = (await look(engine, clock, lived.program_id, every)).looked
    assert none is not None
    assert (none.looked_at, none.is_whole, none.since) == (0, False, None)


async def test_what_is_older_than_ninety_days_is_not_counted(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    lived = await past.lived(engine, clock, count=4, gaps=[timedelta(days=40)])
    proven = await look(engine, clock, lived.program_id, flagging("every", "amount >= 0"))
    assert proven.looked is not None
    assert (proven.looked.looked_at, newly_declined(proven), proven.looked.is_whole) == (2, 2, True)
