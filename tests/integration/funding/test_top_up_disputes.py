"""Top-ups that payers take back through their bank: the wallet pays, what it lacks is owed."""

from datetime import timedelta

import pytest

from cardwright import funding, ledger
from cardwright.access import Viewer
from cardwright.core.errors import Conflict, NotFound
from cardwright.funding import TopUp, TopUpDisputeState, auto, disputes
from cardwright.funding.domain import OffReason
from integration.funding.desk import Desk
from integration.funding.test_with_the_gateway import a_rule, rule_of, spend_quietly

State = TopUpDisputeState


async def disputed(desk: Desk, top_up: TopUp, **wish: object) -> str:
    """Let the payer dispute a top-up; return the gateway's id of the dispute."""
    intent = await desk.client.v1.payment_intents.retrieve_async(str(top_up.provider_reference))
    made = await desk.control(f"charges/{intent.latest_charge}/dispute", **wish)
    return str(made["id"])


async def close(desk: Desk, reference: str, outcome: str) -> None:
    await desk.control(f"disputes/{reference}/close", outcome=outcome)
    await desk.hear()


@pytest.mark.parametrize(
    ("outcome", "state", "money"), [("won", State.WON, (60_00, 0, 0)), ("lost", State.LOST, (10_00, 0, 0))]
)
async def test_a_dispute_takes_the_money_at_once_and_its_end_decides(
    desk: Desk, outcome: str, state: State, money: tuple[int, int, int]
) -> None:
    await desk.top_up(10_00)
    await desk.top_up(50_00, "pm_card_createDispute")
    await desk.hear()
    [open_one] = await desk.disputes()
    assert (open_one.state, open_one.taken, open_one.reason) == (State.OPEN, 50_00, "fraudulent")
    assert await desk.money() == (10_00, 0, 0)
    await close(desk, open_one.provider_reference, outcome)
    [closed] = await desk.disputes()
    assert (closed.state, await desk.money()) == (state, money)
    told = [it for it in await desk.told_of() if "dispute" in it]
    assert told == ["funding.top_up_disputed", f"funding.top_up_dispute_{outcome}"]


async def test_what_was_spent_before_a_dispute_is_owed_and_repaid_first(desk: Desk) -> None:
    top_up = await desk.top_up(50_00)
    await spend_quietly(desk, 40_00)
    reference = await disputed(desk, top_up)
    await desk.hear()
    assert await desk.money() == (0, 0, 40_00)
    await desk.top_up(45_00)
    assert await desk.money() == (5_00, 0, 0)
    await close(desk, reference, "won")
    assert await desk.money() == (55_00, 0, 0)


async def test_while_a_dispute_is_open_nothing_is_withdrawn_and_nothing_added_by_itself(desk: Desk) -> None:
    method = await desk.keep()
    await desk.top_up(50_00)
    bad = await desk.top_up_from(method, 30_00)
    await a_rule(desk, method)
    reference = await disputed(desk, bad)
    await desk.hear()
    with pytest.raises(Conflict) as caught:
        await desk.withdraw(10_00)
    assert caught.value.code == "top_up_disputed"
    assert (await rule_of(desk))[0].off_reason is OffReason.TOP_UP_DISPUTED
    await close(desk, reference, "lost")
    with pytest.raises(NotFound):
        await desk.method(method.id)
    done, _ = await desk.withdraw(10_00)
    assert done.returned == 10_00
    with pytest.raises(Conflict) as gone:
        await desk.withdraw(40_01)
    assert gone.value.code == "not_refundable"


async def test_a_rule_is_not_acted_on_while_a_dispute_is_open(desk: Desk) -> None:
    method, top_up = await desk.keep(), await desk.top_up(50_00)
    await disputed(desk, top_up)
    await desk.hear()
    await a_rule(desk, method)
    assert (await rule_of(desk))[0].off_reason is OffReason.TOP_UP_DISPUTED
    async with desk.work.transaction() as session:
        await auto.stop_rule(session, desk.clock, desk.user_id)


async def test_an_inquiry_takes_nothing_until_it_becomes_a_dispute(desk: Desk) -> None:
    top_up = await desk.top_up(50_00)
    reference = await disputed(desk, top_up, is_inquiry=True)
    await desk.hear()
    assert ((await desk.disputes())[0].state, await desk.money()) == (State.INQUIRY, (50_00, 0, 0))
    await desk.withdraw(10_00)
    await close(desk, reference, "escalated")
    assert ((await desk.disputes())[0].state, (await desk.money())[2]) == (State.OPEN, 10_00)


async def test_an_inquiry_may_end_as_one(desk: Desk) -> None:
    reference = await disputed(desk, await desk.top_up(50_00), is_inquiry=True)
    await close(desk, reference, "warning_closed")
    assert ((await desk.disputes())[0].state, await desk.money()) == (State.CLOSED, (50_00, 0, 0))


async def test_disputes_whose_webhooks_are_lost_are_swept_up(desk: Desk) -> None:
    top_up = await desk.top_up(50_00)
    reference = await disputed(desk, top_up)
    await funding.sweep_disputes(desk.work)
    assert ((await desk.disputes())[0].state, await desk.money()) == (State.OPEN, (0, 0, 0))
    await desk.control(f"disputes/{reference}/close", outcome="won")
    await funding.sweep_disputes(desk.work)
    assert await desk.money() == (0, 0, 0)
    desk.clock.advance(timedelta(hours=1, seconds=1))
    await funding.sweep_disputes(desk.work)
    assert ((await desk.disputes())[0].state, await desk.money()) == (State.WON, (50_00, 0, 0))


async def test_news_of_a_dispute_may_overtake_that_of_its_payment(desk: Desk) -> None:
    waiting = await desk.top_up(token="pm_card_threeDSecure2Required")
    await desk.control(f"payment_intents/{waiting.provider_reference}/authenticate", outcome="succeed")
    desk.events()
    await disputed(desk, waiting)
    await desk.hear()
    assert await desk.money() == (0, 0, 0)
    assert (await desk.disputes())[0].taken == 50_00


async def test_a_payment_of_another_application_is_none_of_ours(desk: Desk) -> None:
    await desk.client.v1.payment_intents.create_async(
        {"amount": 500, "currency": "usd", "payment_method": "pm_card_createDispute", "confirm": True}
    )
    await desk.hear()
    assert (await desk.disputes(), await desk.money()) == ([], (0, 0, 0))


async def test_other_peoples_disputes_do_not_exist(desk: Desk) -> None:
    await disputed(desk, await desk.top_up(50_00))
    await desk.hear()
    [found] = await desk.disputes()
    async with desk.work.transaction() as session:
        seen = await disputes.get_dispute(session, found.id, viewer=Viewer(desk.program.id, None))
        assert seen == found
        with pytest.raises(NotFound):
            await disputes.get_dispute(session, found.id, viewer=Viewer(desk.program.id, "user_other"))
        assert await ledger.owned_accounts(session, desk.program.id, "user_other") == []
