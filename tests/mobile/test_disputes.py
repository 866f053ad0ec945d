"""Disputing from the phone: told once, handed in once, and left and found again."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from cardwright.disputes import CreditPolicy
from integration.disputes.desk import Desk, desk_at
from integration.payments.holders import Holding
from mobile.conftest import Phone, a_phone
from running_simulator import RunningSimulator, running_simulator


@dataclass
class Table:
    """A phone, and the network behind the simulator."""

    phone: Phone
    desk: Desk


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime.now(UTC))


@pytest.fixture
def outside() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def table(engine: AsyncEngine, clock: MovableClock, outside: RunningSimulator) -> AsyncIterator[Table]:
    async with desk_at(engine, clock, outside, CreditPolicy.ON_NETWORK_CREDIT) as desk:
        holding = Holding(desk.program.id, desk.user_id, ())
        yield Table(await a_phone(engine, clock, desk.api, holding), desk)


async def test_a_dispute_is_handed_in_once_though_both_answers_are_lost(table: Table) -> None:
    from cardwright_mobile.state.disputes import Disputing, can_dispute, newest_of

    client = await table.phone.sign_in()
    payment_id = await table.desk.charge(20_00)
    state = Disputing(payment_id=payment_id)
    await state.read(client)
    assert can_dispute(state.timeline, None)
    state.reason = "fraud"
    assert state.missing() == ("explanation",)
    assert not await state.hand_in(client)
    state.told["explanation"] = "I never shopped there."
    way = table.phone.begin_to_lose(client)
    for _ in range(2):  # the draft's answer is lost, and then that of handing it in
        way.to_lose = 1
        assert not await state.hand_in(client)
        assert state.trouble == "unreachable"
    assert await state.hand_in(client)
    assert (state.case.state, state.trouble) == ("submitted", "")
    [dispute] = await client.disputes()
    assert newest_of((dispute,), payment_id) == dispute
    assert not can_dispute(state.timeline, dispute)


async def test_a_draft_goes_on_where_it_was_left_and_may_have_another_reason(table: Table) -> None:
    from cardwright_mobile.state.disputes import Disputing

    client = await table.phone.sign_in()
    payment_id = await table.desk.charge(20_00)
    told = {"product_kind": "goods", "product_description": "A kettle"}
    await client.open_dispute(payment_id, "not_received", told, None)
    state = Disputing(payment_id=payment_id)
    await state.read(client)
    assert (state.reason, state.told["product_description"]) == ("not_received", "A kettle")
    assert state.missing() == ("expected_on", "explanation")
    state.reason = "other"
    state.told["explanation"] = "It is another one than I ordered."
    assert await state.hand_in(client)
    assert (state.case.reason, state.case.state) == ("other", "submitted")


async def test_a_payment_shows_its_dispute(table: Table) -> None:
    from cardwright_mobile.state.activity import PaymentInView

    client = await table.phone.sign_in()
    payment_id = await table.desk.charge(20_00)
    shown = PaymentInView(payment_id=payment_id)
    await shown.read(client)
    assert shown.dispute is None
    await table.desk.open(payment_id)
    await shown.read(client)
    assert shown.dispute.state == "draft"
