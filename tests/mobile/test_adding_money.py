"""Adding money from the phone: once, however often an answer is lost, and seen until it is over."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock
from integration.funding.desk import Desk, desk, simulator
from integration.payments.holders import Holding
from mobile.conftest import Phone, a_phone

__all__ = ["desk", "simulator"]


@pytest.fixture
async def phone(engine: AsyncEngine, clock: MovableClock, client: object, desk: Desk) -> Phone:
    """The phone of whoever stands at the desk."""
    return await a_phone(engine, clock, client, Holding(desk.program.id, desk.user_id, ()))  # type: ignore[arg-type]


async def test_money_is_asked_for_once_though_the_answer_is_lost(phone: Phone, desk: Desk) -> None:
    from cardwright_mobile.state.add_money import AddMoney

    client = await phone.sign_in()
    state = AddMoney()
    await state.read(client)
    assert (state.is_ready, state.kept, state.currency, state.source) == (True, (), "USD", "pm_card_visa")
    amount = state.amount("50.5", "en")
    assert amount == 50_50
    way = phone.begin_to_lose(client)
    way.to_lose = 1
    assert not await state.send(client, amount)
    assert (state.trouble, state.top_up) == ("unreachable", None)
    assert await state.send(client, amount)
    assert (state.top_up.status, state.top_up.amount) == ("requested", 50_50)
    await desk.settle()
    await desk.hear()
    await state.read(client)
    assert state.top_up.status == "succeeded"
    assert (await client.wallet()).posted_balance == 50_50


async def test_a_card_without_money_says_so_and_another_may_be_tried(phone: Phone, desk: Desk) -> None:
    from cardwright_mobile.state.add_money import TEST_CARDS, AddMoney

    client = await phone.sign_in()
    state = AddMoney()
    await state.read(client)
    state.source = TEST_CARDS["poor"]
    assert await state.send(client, 20_00)
    await desk.settle()
    await desk.hear()
    await state.read(client)
    assert state.top_up.status == "failed"
    assert state.top_up.reason
    state.begin_again()
    await state.read(client)
    assert (state.top_up, state.is_ready, state.source) == (None, True, TEST_CARDS["poor"])


async def test_too_little_is_refused_in_the_servers_words(phone: Phone, desk: Desk) -> None:
    from cardwright_mobile.state.add_money import AddMoney

    client = await phone.sign_in()
    state = AddMoney()
    await state.read(client)
    assert not await state.send(client, 1)
    assert (state.trouble, bool(state.detail)) == ("amount_out_of_bounds", True)
    assert state.amount("nothing", "en") is state.amount("0", "en") is None
