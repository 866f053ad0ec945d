"""A network that does not answer, answers too late, or tells nobody: one dispute there, the same end here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import disputes
from cardwright.adapters.stripe import client
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.disputes import CreditPolicy
from integration.disputes.desk import BALANCE, Desk, desk_at
from integration.kyc.people import drain
from outgoing_calls import (
    FAULTS,
    LATE_MILLISECONDS,
    awaited_in,
    modules_that_import,
    until_late_calls_are_over,
)
from running_simulator import RunningSimulator

Play = Callable[[Desk, Callable[[], Awaitable[None]]], Awaitable[str]]


async def told(desk: Desk) -> list[str]:
    return [event["type"] for event in await desk.webhooks()]


async def file(desk: Desk, strike: Callable[[], Awaitable[None]]) -> str:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.show_file(dispute_id)
    await desk.submit(dispute_id)
    await strike()
    await desk.background()
    return dispute_id


async def take_over(desk: Desk, strike: Callable[[], Awaitable[None]]) -> str:
    payment_id = await desk.charge(10_00)
    taken = (await desk.sdk.v1.issuing.transactions.list_async()).data[0]
    await desk.sdk.v1.issuing.disputes.create_async({"transaction": taken.id})
    dispute_id = await desk.open(payment_id)
    await desk.submit(dispute_id)
    await strike()
    await desk.background()
    return dispute_id


async def poll(desk: Desk, strike: Callable[[], Awaitable[None]]) -> str:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.submit(dispute_id)
    await desk.background()
    desk.clock.advance(timedelta(minutes=11))
    await strike()
    with pytest.raises(ExceptionGroup) as raised:
        await disputes.refresh_silent_disputes(desk.work)
    assert [type(error) for error in raised.value.exceptions] == [Unavailable]
    desk.failures += 1
    await disputes.refresh_silent_disputes(desk.work)
    return dispute_id


CALLS: Mapping[str, tuple[str, str, Play]] = {
    "upload": ("self._files.create_async", "POST /v1/files", file),
    "find": ("self._disputes.list_async", "GET /v1/issuing/disputes", file),
    "create": ("self._disputes.create_async", "POST /v1/issuing/disputes", file),
    "update": ("self._disputes.update_async", "POST /v1/issuing/disputes/*", take_over),
    "submit": ("self._disputes.submit_async", "POST */submit", file),
    "look up": ("self._disputes.retrieve_async", "GET /v1/issuing/disputes/*", poll),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_goes_wrong_there_is_one_dispute_at_the_network(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, policy: CreditPolicy,
    monkeypatch: pytest.MonkeyPatch, fault: str,
) -> None:  # fmt: skip
    # The worker is the one to try again, and impatient.
    monkeypatch.setattr(client, "MAX_NETWORK_RETRIES", 0)
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)
    async with desk_at(engine, clock, simulator, policy) as desk:
        won = []
        for call, (_, selector, play) in CALLS.items():
            desk.failures = 0
            dispute_id = await play(desk, lambda: desk.break_next(selector=selector, **FAULTS[fault]))  # noqa: B023 - called at once
            assert simulator.world.faults.list() == [], f"no call to {call}"
            assert desk.failures >= 1, f"the call to {call} went well"
            won.append(dispute_id)
        if FAULTS[fault]["kind"] == "delay":
            await until_late_calls_are_over()
        filed = {it.id: it.status for it in await desk.at_network()}
        assert filed == {await desk.reference(it): "submitted" for it in won}
        counted = await told(desk)
        assert counted.count("issuing_dispute.created") == len(won)
        assert counted.count("issuing_dispute.submitted") == len(won)
        for dispute_id in won:
            await desk.answer(dispute_id, "won")
        await desk.hear_all()
        assert {await desk.state(it) for it in won} == {"won"}
        assert (await desk.wallet(), await desk.suspense()) == (BALANCE, 0)


def test_every_call_about_disputes_has_a_row() -> None:
    assert modules_that_import("cardwright.disputes") == {"stripe/disputes"}
    assert awaited_in("stripe/disputes") - {"self.look_up"} == {made for made, _, _ in CALLS.values()}


@pytest.mark.parametrize("policy", [CreditPolicy.AT_ONCE])
async def test_a_network_that_is_away_keeps_nobody_from_being_credited(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.break_next("error", "*/issuing/disputes*", count=30)
    await desk.submit(dispute_id)
    with pytest.raises(AssertionError, match="stayed away"):
        await desk.background()
    assert (await desk.wallet(), await desk.suspense()) == (BALANCE, 10_00)


async def test_a_poll_closes_what_webhooks_and_jobs_lost(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.submit(dispute_id)
    await drain(desk.engine)
    assert await disputes.refresh_silent_disputes(desk.work) == 0
    desk.clock.advance(timedelta(minutes=11))
    assert await disputes.refresh_silent_disputes(desk.work) == 1
    assert [it.status for it in await desk.at_network()] == ["submitted"]
    await desk.answer(dispute_id, "credit", "won")
    desk.clock.advance(timedelta(minutes=11))
    assert await disputes.refresh_silent_disputes(desk.work) == 1
    await desk.advance(timedelta())
    assert (await desk.state(dispute_id), await desk.wallet(), await desk.suspense()) == ("won", BALANCE, 0)
    desk.clock.advance(timedelta(minutes=11))
    assert await disputes.refresh_silent_disputes(desk.work) == 0


async def test_a_poll_that_meets_trouble_looks_at_the_others_and_says_so(desk: Desk) -> None:
    filed = []
    for _ in range(2):
        dispute_id = await desk.open(await desk.charge(10_00))
        await desk.submit(dispute_id)
        await desk.background()
        filed.append(dispute_id)
    await desk.answer(filed[1], "won")
    desk.clock.advance(timedelta(minutes=11))
    await desk.break_next("error", f"GET */{await desk.reference(filed[0])}", count=3)
    with pytest.raises(ExceptionGroup) as raised:
        await disputes.refresh_silent_disputes(desk.work)
    assert [type(error) for error in raised.value.exceptions] == [Unavailable]
    await desk.advance(timedelta())
    assert [await desk.state(it) for it in filed] == ["submitted", "won"]


async def test_the_same_job_running_many_times_at_once_files_once(desk: Desk) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.show_file(dispute_id)
    await desk.submit(dispute_id)
    [event] = [it for it in await drain(desk.engine) if it.type == "disputes.dispute_submitted"]
    [handle] = [it.handle for it in disputes.SUBSCRIPTIONS if it.name == "disputes.file"]
    outcomes = await asyncio.gather(*(handle(desk.work, event) for _ in range(6)), return_exceptions=True)
    assert {type(it) for it in outcomes} <= {type(None), Unavailable}
    await handle(desk.work, event)
    [filed] = await desk.at_network()
    assert (filed.status, filed.id) == ("submitted", await desk.reference(dispute_id))
    assert (await told(desk)).count("issuing_dispute.created") == 1


async def test_a_dispute_of_somebody_else_at_the_network_is_ignored(desk: Desk) -> None:
    payment_id = await desk.charge(10_00)
    [taken] = (await desk.sdk.v1.issuing.transactions.list_async()).data
    await desk.sdk.v1.issuing.disputes.create_async({"transaction": taken.id})
    await desk.hear_all()
    assert (await desk.done("GET", "/disputes"))["data"] == []
    # What was prepared there by hand is taken over instead of a second one.
    dispute_id = await desk.open(payment_id)
    await desk.submit(dispute_id)
    await desk.background()
    assert [it.status for it in await desk.at_network()] == ["submitted"]
