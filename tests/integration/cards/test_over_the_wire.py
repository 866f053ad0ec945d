"""A purchase over real sockets: the simulator asks, is answered, and tells of it afterwards."""

import asyncio

import httpx

from cardwright.cards import CardState, NewCard
from integration.cards.stand import Stand
from running_simulator import RunningSimulator

HELD = "SELECT held FROM ledger_accounts WHERE code = 'wallet'"
CREATED = "SELECT count(*) FROM inbox WHERE type = 'issuing_authorization.created'"


async def test_a_purchase_is_decided_in_real_time_and_told_of_afterwards(stand: Stand) -> None:
    approved = await stand.pay(2_500)
    assert (approved.approved, approved.request_history[0].reason) == (True, "webhook_approved")
    assert approved.metadata["decision_id"].startswith("dec")
    assert await stand.count(HELD) == 2_500
    declined = await stand.pay(7_501)
    assert (declined.approved, declined.request_history[0].reason) == (False, "webhook_declined")
    await stand.eventually(CREATED, 2)
    assert await stand.count(HELD) == 2_500


async def test_a_webhook_sent_twice_over_the_wire_is_kept_once(
    stand: Stand, simulator: RunningSimulator
) -> None:
    simulator.world.faults.add("webhook", "duplicate", selector="issuing_authorization.created")
    await stand.pay(100)
    await stand.eventually(CREATED, 1)

    def sent() -> int:
        deliveries = httpx.get(f"{simulator.base_url}/_sim/deliveries").json()["data"]
        wanted = [it for it in deliveries if it["topic"] == "issuing_authorization.created"]
        return sum(len(it["attempts"]) for it in wanted)

    async with asyncio.timeout(15):
        while True:
            if await asyncio.to_thread(sent) == 2:
                break
            await asyncio.sleep(0.02)
    assert await stand.count(CREATED) == 1


async def test_the_card_in_place_of_a_frozen_one_is_frozen_at_the_network_too(stand: Stand) -> None:
    old = await stand.issue(NewCard("Travel"))
    new = await stand.replaced(old, CardState.FROZEN)
    assert new.state is CardState.FROZEN
    there = await stand.client.v1.issuing.cards.retrieve_async(str(new.processor_reference))
    assert there.status == "inactive"
    declined = await stand.pay(100, card=new.processor_reference)
    assert not declined.approved
    unfrozen = await stand.change_state(new, CardState.ACTIVE)
    assert unfrozen.state is CardState.ACTIVE
    assert (await stand.pay(100, card=new.processor_reference)).approved
