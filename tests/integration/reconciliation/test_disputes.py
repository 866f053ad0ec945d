"""Days on which the money of disputes moved, with nothing wrong: nothing may be listed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger
from cardwright.reconciliation import totals_store
from integration.reconciliation import disputing
from integration.reconciliation.drill import Drill, a_drill
from running_stripe import RunningStripe, running_stripe


@pytest.fixture
def running() -> Iterator[RunningStripe]:
    with running_stripe() as running:
        yield running


@pytest.fixture
async def drill(engine: AsyncEngine, running: RunningStripe) -> Drill:
    return await a_drill(engine, running)


async def _reconciled(drill: Drill) -> dict[str, int]:
    """Compare everything, find no difference, and return what the days moved on each account."""
    drill.clock.advance(timedelta(days=3))
    run = await drill.reconcile()
    assert (run.found, await drill.differences()) == (0, set())
    day = drill.clock.now().date()
    async with drill.work.transaction() as session:
        assert await ledger.verify(session) == []
        days = await totals_store.days_between(
            session, drill.program.id, first=day - timedelta(days=30), last=day
        )
    assert [it for it in days if it.reported != it.booked or it.listed] == []
    moved: dict[str, int] = {}
    for it in days:
        moved[it.account] = moved.get(it.account, 0) + it.reported
    return moved


async def test_a_full_life_of_card_disputes_reconciles(drill: Drill) -> None:
    bought = await drill.force(6)
    await drill.hear()
    spent = sum(
        it.amount for it in await drill.each(bought, drill.client.v1.issuing.transactions.retrieve_async)
    )
    won, lost, credited, taken_again, unanswered, won_at_once = await disputing.claim(drill, bought)
    await disputing.answer(drill, [won, lost, credited, taken_again], "credit")
    await drill.hear()
    await disputing.answer(drill, [won, won_at_once], "won")
    await disputing.answer(drill, [lost], "lost")
    await disputing.answer(drill, [taken_again], "take_back", "credit", "take_back")
    await drill.hear()
    counted = {it: len(each) for it, each in (await disputing.movements(drill, [lost, taken_again])).items()}
    assert counted == {lost: 2, taken_again: 4}
    assert await disputing.movements(drill, [unanswered]) == {unanswered: []}

    recovered = sum(
        [
            (await drill.client.v1.issuing.disputes.retrieve_async(it)).amount
            for it in (won, credited, won_at_once)
        ]
    )
    assert await _reconciled(drill) == {"issuer_settlement": spent + recovered}


async def test_a_full_life_of_top_up_disputes_reconciles(drill: Drill) -> None:
    paid_in = await drill.top_up(5)
    await drill.hear()
    amounts = [it.amount for it in await drill.each(paid_in, drill.client.v1.payment_intents.retrieve_async)]
    [inquiry, escalated] = await disputing.take_back(drill, paid_in[:2], is_inquiry=True)
    won, lost, undecided = await disputing.take_back(drill, paid_in[2:])
    await drill.hear()
    await disputing.decide(drill, [inquiry], "warning_closed")
    await disputing.decide(drill, [escalated], "escalated")
    await disputing.decide(drill, [won], "won")
    await disputing.decide(drill, [lost], "lost")
    await drill.hear()
    moved = await disputing.movements(drill, [inquiry, escalated, won, lost, undecided])
    assert [len(it) for it in moved.values()] == [0, 1, 2, 1, 1]
    assert await _reconciled(drill) == {"funding_in_transit": amounts[0] + amounts[2]}


async def test_a_movement_of_an_old_dispute_is_compared_when_it_moves(drill: Drill) -> None:
    bought = await drill.force(1)
    await drill.hear()
    filed = await disputing.claim(drill, bought)
    # It began before any list but that of disputes is read.
    objects = drill.running.world.stripe.objects
    old = objects.get("issuing.dispute", filed[0])
    assert old is not None
    objects.put("issuing.dispute", old | {"created": old["created"] - 100 * 86_400})
    await disputing.answer(drill, filed, "credit")
    await drill.hear()
    [[moved]] = (await disputing.movements(drill, filed)).values()
    assert moved
    await _reconciled(drill)
    rows = await drill.ask(f"SELECT stream FROM reported_records WHERE external_id = '{moved}'")  # noqa: S608
    assert {row[0] for row in rows} == {"disputes", "movements"}


async def test_a_dispute_that_is_not_ours_waits_for_people(drill: Drill) -> None:
    bought = await drill.force(1)
    await drill.hear()
    made = await drill.client.v1.issuing.disputes.create_async(
        {
            "transaction": bought[0],
            "evidence": {"reason": "fraudulent", "fraudulent": {"explanation": "Made by hand."}},
        }
    )
    await drill.client.v1.issuing.disputes.submit_async(made.id)
    await disputing.answer(drill, [made.id], "credit")
    await drill.hear()
    [[moved]] = (await disputing.movements(drill, [made.id])).values()
    drill.clock.advance(timedelta(days=3))
    for _ in range(3):
        await drill.reconcile()
    assert await drill.differences() == {("dispute", moved, "missing_here", "not_taken")}
    [row] = await drill.ask("SELECT repair, state FROM differences")
    assert tuple(row) == ("entry", "open")
