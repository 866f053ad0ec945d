"""A network that does not answer, answers too late, or tells nobody: one dispute there, the same end here."""

import asyncio
from datetime import timedelta

import pytest

from cardwright import disputes
from cardwright.core.errors import Unavailable
from cardwright.disputes import CreditPolicy
from integration.disputes.desk import BALANCE, Desk
from integration.kyc.people import drain

CALLS = {
    "upload": "POST /v1/files",
    "create": "POST /v1/issuing/disputes",
    "submit": "POST */submit",
}
# The SDK asks three times by itself; the fourth failure is met by the job's second attempt.
FAULTS = {
    "no connection": ("drop", {}),
    "error 500": ("error", {"status": 500}),
    "late": ("drop_response", {}),
}


async def told(desk: Desk) -> list[str]:
    return [event["type"] for event in await desk.webhooks()]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
async def test_whatever_goes_wrong_there_is_one_dispute_at_the_network(
    desk: Desk, call: str, fault: str
) -> None:
    dispute_id = await desk.open(await desk.charge(10_00))
    await desk.show_file(dispute_id)
    kind, more = FAULTS[fault]
    await desk.break_next(kind, CALLS[call], count=4, **more)
    await desk.submit(dispute_id)
    await desk.background()
    [filed] = await desk.at_network()
    assert (filed.id, filed.status) == (await desk.reference(dispute_id), "submitted")
    assert desk.simulator.world.objects.count("file") == 1
    counted = await told(desk)
    assert counted.count("issuing_dispute.created") == 1
    assert counted.count("issuing_dispute.submitted") == 1
    await desk.answer(dispute_id, "won")
    await desk.hear_all()
    assert (await desk.state(dispute_id), await desk.wallet(), await desk.suspense()) == ("won", BALANCE, 0)


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
