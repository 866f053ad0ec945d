"""Every order and repetition of what the network tells of a dispute ends in the same state and money."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from cardwright.adapters.stripe.disputes import snapshot
from cardwright.db.session import Session, transaction
from cardwright.disputes import CreditPolicy, Snapshot, settling, store
from depth import IS_THOROUGH, tries
from integration.disputes.desk import BALANCE, Desk

CHARGED = 40_00
LIVES = {
    "won": ["won"],
    "won after credit": ["credit", "won"],
    "lost after credit": ["credit", "lost"],
    "won after much": ["credit", "take_back", "won"],
}
LONGEST, LONGEST_AS = "won after much", CreditPolicy.ON_NETWORK_CREDIT
"""Six webhooks have 720 orders: those are heard once, under the policy that moves the most; else shuffled."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a dispute and its money are."""

    state: str
    advanced: int
    recovered: int
    is_settled: bool
    wallet: int
    suspense: int


async def read(session: Session, dispute_id: str) -> End:
    found = await store.find_dispute(session, dispute_id)
    assert found is not None
    wallet = await session.execute(
        text("SELECT posted_balance FROM ledger_accounts WHERE code = 'wallet' AND owner_id = :owner"),
        {"owner": found.user_id},
    )
    suspense = await session.execute(
        text(
            "SELECT coalesce(sum(CASE side WHEN 'debit' THEN amount ELSE -amount END), 0)"
            " FROM postings JOIN ledger_accounts ON ledger_accounts.id = account_id"
            " WHERE code = 'dispute_suspense'"
        )
    )
    return End(
        found.state.value, found.advanced, found.recovered, found.is_settled, int(wallet.scalar_one()),
        int(suspense.scalar_one()),
    )  # fmt: skip


@dataclass(slots=True)
class Walk:
    """A walk through every order of what may be heard; from what was met before nobody walks again."""

    dispute_id: str
    at: datetime
    known: dict[tuple[object, ...], set[End]] = field(default_factory=dict)


async def every_end(
    session: Session, walk: Walk, told: Sequence[Snapshot], rest: Sequence[Snapshot]
) -> set[End]:
    """Hear what is left in every order, the oldest news once more after each, and undo it all."""
    end = await read(session, walk.dispute_id)
    if not rest:
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        return {end}
    # What follows depends on the dispute as it is stored, on the money, and on what is still to be heard.
    stored = await store.find_dispute(session, walk.dispute_id)
    met = (repr(stored), end, repr(told[:1]), tuple(sorted(map(repr, rest))))
    if met in walk.known:
        return walk.known[met]
    ends: set[End] = set()
    for seen in rest:
        branch = await session.begin_nested()
        # What was told before comes again, at another moment than the first time.
        for heard in (seen, *told[:1]):
            await settling.converge(session, walk.dispute_id, heard, walk.at)
        left = [it for it in rest if it is not seen]
        ends |= await every_end(session, walk, [seen, *told], left)
        await branch.rollback()
    walk.known[met] = ends
    return ends


CASES = [
    (life, policy)
    for life in LIVES
    for policy in CreditPolicy
    if life != LONGEST or (IS_THOROUGH and policy == LONGEST_AS)
]


@pytest.mark.parametrize(("life", "policy"), CASES)
async def test_every_permutation_of_webhooks_with_duplicates_converges(desk: Desk, life: str) -> None:
    dispute_id, seen = await lived(desk, life)
    assert len(seen) == len(LIVES[life]) + (2 if life == "won after credit" else 3)
    async with desk.engine.connect() as session:
        whole = await session.begin()
        ends = await every_end(session, Walk(dispute_id, desk.clock.now()), [], seen)
        await whole.rollback()
    assert ends == {end_of(life)}


@pytest.mark.parametrize("policy", list(CreditPolicy))
async def test_any_order_of_many_duplicates_converges(desk: Desk) -> None:
    dispute_id, seen = await lived(desk, LONGEST)
    chance = Random(5)  # noqa: S311 - to shuffle
    ends: set[End] = set()
    for _ in range(tries(30)):
        async with desk.engine.connect() as session:
            whole = await session.begin()
            for heard in chance.sample(seen * 3, len(seen) * 3):
                await settling.converge(session, dispute_id, heard, desk.clock.now())
            await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            ends.add(await read(session, dispute_id))
            await whole.rollback()
    assert ends == {end_of(LONGEST)}


async def lived(desk: Desk, life: str) -> tuple[str, list[Snapshot]]:
    """Return a dispute that is submitted here, and what webhooks would tell of its life at the network."""
    dispute_id = await desk.open(await desk.charge(CHARGED))
    await desk.submit(dispute_id)
    await desk.background()
    await desk.answer(dispute_id, *LIVES[life])
    return dispute_id, [snapshot(event["data"]["object"]) for event in await desk.webhooks()]


def end_of(life: str) -> End:
    state = life.partition(" ")[0]
    kept = CHARGED if state == "won" else 0
    return End(state, kept, kept, is_settled=True, wallet=BALANCE - CHARGED + kept, suspense=0)


async def test_webhooks_over_the_wire_in_any_order_and_twice_have_one_effect(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(CHARGED))
    await desk.submit(dispute_id)
    await desk.background()
    await desk.answer(dispute_id, "credit", "lost")
    events = await desk.webhooks()
    # Every one of them, last first, and again first first, under the same and under other ids.
    renamed: list[dict[str, Any]] = [{**event, "id": f"{event['id']}2"} for event in events]
    await desk.hear([*reversed(events), *events, *renamed])
    assert await desk.state(dispute_id) == "lost"
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE - CHARGED, 0)
    async with transaction(desk.engine) as session:
        ended = await session.execute(text("SELECT count(*) FROM dispute_steps WHERE kind = 'lost'"))
        assert ended.scalar_one() == 1
