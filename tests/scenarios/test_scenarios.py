"""What can happen to a purchase, one story per test, through the simulator's network and its webhooks.

Everybody starts with 100.00 USD; each story ends with balanced books and every decision replayed.
"""

import asyncio

from cardwright.cards import CardState, CardType, NewCard
from scenarios.till import Till


async def test_it_clears_as_authorized(till: Till) -> None:
    assert await till.asks(30_00)
    assert await till.figures() == {
        "status": "pending", "held": 30_00, "posted": 0, "available": 70_00, "wallet_held": 30_00,
    }  # fmt: skip
    await till.clears()
    assert await till.elements() == ["authorization 3000", "clearing 3000"]
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 30_00, "available": 70_00, "wallet_held": 0,
    }  # fmt: skip


async def test_it_clears_lower_and_the_rest_is_free_again(till: Till) -> None:
    await till.asks(30_00)
    await till.clears(20_00)
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 20_00, "available": 80_00, "wallet_held": 0,
    }  # fmt: skip


async def test_it_clears_higher_as_with_a_tip(till: Till) -> None:
    await till.asks(30_00)
    await till.clears(36_00)
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 36_00, "available": 64_00, "wallet_held": 0,
    }  # fmt: skip


async def test_it_clears_higher_than_the_balance_and_what_is_missing_is_owed(till: Till) -> None:
    await till.asks(90_00)
    await till.clears(120_00)
    figures = await till.figures()
    assert (figures["status"], figures["posted"], figures["available"]) == ("settled", 120_00, 0)
    assert await till.owed() == 20_00


async def test_it_clears_in_two_parts(till: Till) -> None:
    await till.asks(50_00)
    await till.clears(20_00, is_last=False)
    assert await till.figures() == {
        "status": "pending", "held": 30_00, "posted": 20_00, "available": 50_00, "wallet_held": 30_00,
    }  # fmt: skip
    await till.clears(30_00)
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 50_00, "available": 50_00, "wallet_held": 0,
    }  # fmt: skip


async def test_it_clears_in_three_parts_of_which_the_last_takes_less(till: Till) -> None:
    await till.asks(50_00)
    for amount in (10_00, 15_00):
        await till.clears(amount, is_last=False)
    await till.clears(5_00)
    assert await till.elements() == [
        "authorization 5000", "clearing 1000", "clearing 1500", "clearing 500",
    ]  # fmt: skip
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 30_00, "available": 70_00, "wallet_held": 0,
    }  # fmt: skip


async def test_it_is_incremented_and_clears_as_a_whole(till: Till) -> None:
    await till.asks(50_00)
    assert await till.asks_for_more(25_00)
    assert (await till.figures())["held"] == 75_00
    await till.clears()
    assert await till.elements() == ["authorization 5000", "increment 2500", "clearing 7500"]
    assert (await till.figures())["available"] == 25_00


async def test_an_increment_that_is_too_much_is_declined_and_the_first_amount_stays_held(till: Till) -> None:
    await till.asks(50_00)
    assert not await till.asks_for_more(60_00)
    assert await till.elements() == ["authorization 5000", "increment 6000 declined"]
    assert (await till.figures())["held"] == 50_00


async def test_a_terminal_that_can_take_less_is_given_what_there_is(till: Till) -> None:
    assert await till.asks(130_00, is_amount_controllable=True)
    assert await till.elements() == ["authorization 10000"]
    assert await till.figures() == {
        "status": "pending", "held": 100_00, "posted": 0, "available": 0, "wallet_held": 100_00,
    }  # fmt: skip
    await till.clears()
    assert (await till.figures())["posted"] == 100_00


async def test_a_terminal_that_takes_all_or_nothing_gets_nothing(till: Till) -> None:
    assert not await till.asks(130_00)
    assert await till.elements() == ["authorization 13000 declined"]
    assert (await till.figures())["available"] == 100_00


async def test_a_part_is_reversed_before_the_rest_clears(till: Till) -> None:
    await till.asks(50_00)
    await till.reverses(20_00)
    assert (await till.figures())["held"] == 30_00
    await till.clears()
    assert await till.elements() == ["authorization 5000", "reversal 2000", "clearing 3000"]


async def test_all_of_it_is_reversed(till: Till) -> None:
    await till.asks(50_00)
    await till.reverses()
    assert await till.figures() == {
        "status": "voided", "held": 0, "posted": 0, "available": 100_00, "wallet_held": 0,
    }  # fmt: skip


async def test_it_expires_and_clears_all_the_same(till: Till) -> None:
    await till.asks(50_00)
    await till.lets_expire()
    assert await till.figures() == {
        "status": "expired", "held": 0, "posted": 0, "available": 100_00, "wallet_held": 0,
    }  # fmt: skip
    await till.clears(50_00)
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 50_00, "available": 50_00, "wallet_held": 0,
    }  # fmt: skip


async def test_money_is_taken_by_force_without_having_been_asked_for(till: Till) -> None:
    await till.forces(12_34)
    assert await till.elements() == ["force_post 1234"]
    assert (await till.figures())["available"] == 87_66


async def test_a_refund_follows_a_clearing_in_two_parts(till: Till) -> None:
    await till.asks(50_00)
    cleared = await till.clears()
    await till.refunds(20_00)
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 30_00, "available": 70_00, "wallet_held": 0,
    }  # fmt: skip
    await till.refunds(of=cleared)
    assert (await till.figures())["posted"] == 0
    assert (await till.figures())["available"] == 100_00


async def test_a_refund_comes_with_no_purchase_before_it(till: Till) -> None:
    await till.gives(15_00)
    assert await till.elements() == ["refund 1500"]
    figures = await till.figures()
    assert (figures["posted"], figures["available"]) == (-15_00, 115_00)


async def test_a_verification_of_nothing_is_approved_and_holds_nothing(till: Till) -> None:
    assert await till.asks(0)
    assert await till.elements() == ["authorization 0"]
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 0, "available": 100_00, "wallet_held": 0,
    }  # fmt: skip


async def test_the_network_says_yes_in_our_stead_when_we_are_late(till: Till) -> None:
    till.answers_by_default("approve")
    till.simulator.world.faults.add("webhook", "drop", selector="issuing_authorization.request", count=1)
    assert await till.asks(30_00)
    assert await till.elements() == ["authorization 3000"]
    assert (await till.figures())["held"] == 30_00
    await till.clears()
    assert (await till.figures())["available"] == 70_00


async def test_the_network_says_no_in_our_stead_when_we_are_late(till: Till) -> None:
    till.simulator.world.faults.add("webhook", "drop", selector="issuing_authorization.request", count=1)
    assert not await till.asks(30_00)
    assert await till.elements() == ["authorization 3000 declined"]
    assert (await till.figures())["available"] == 100_00


async def test_our_yes_comes_too_late_and_gives_its_money_back(till: Till) -> None:
    # The network waits for two seconds; one goes by on the way, and the rest at the wallet, which is locked.
    till.simulator.world.faults.add(
        "webhook", "delay", selector="issuing_authorization.request", count=1, delay_milliseconds=1_000
    )
    async with till.wallet_is_locked():
        asking = asyncio.create_task(till.asks(30_00))
        await asyncio.sleep(2.2)
    assert not await asking
    assert (await till.elements()) == ["authorization 3000", "reversal 3000"]
    figures = await till.figures()
    assert (figures["held"], figures["available"]) == (0, 100_00)


async def test_events_that_come_twice_and_in_the_wrong_order_have_one_effect(till: Till) -> None:
    for kind in ("duplicate", "reorder"):
        till.simulator.world.faults.add("webhook", kind, count=None)  # type: ignore[arg-type]
    await till.asks(50_00)
    await till.clears(20_00, is_last=False)
    await till.clears(30_00)
    await till.refunds(5_00)
    assert sorted(await till.elements()) == [
        "authorization 5000", "clearing 2000", "clearing 3000", "refund 500",
    ]  # fmt: skip
    assert (await till.figures())["available"] == 55_00


async def test_a_card_frozen_between_authorization_and_clearing_pays_what_it_owes(till: Till) -> None:
    await till.asks(50_00)
    await till.card_becomes(CardState.FROZEN)
    await till.clears()
    assert (await till.figures())["posted"] == 50_00
    assert not await till.asks(1_00)


async def test_a_refund_reaches_the_wallet_of_a_card_closed_since(till: Till) -> None:
    await till.asks(50_00)
    await till.clears()
    await till.card_becomes(CardState.CANCELED)
    await till.refunds(20_00)
    assert (await till.figures())["available"] == 70_00


async def test_a_single_use_card_takes_one_purchase_and_its_clearings(till: Till) -> None:
    once = await till.stand.issue(NewCard("Once", type=CardType.SINGLE_USE))
    shop = Till(till.stand, till.simulator, once)
    assert await shop.asks(10_00)
    first = shop.reference
    assert not await shop.asks(10_00)
    shop.reference = first
    await shop.clears(4_00, is_last=False)
    await shop.clears(6_00)
    assert (await shop.figures())["posted"] == 10_00


async def test_a_purchase_abroad_is_held_and_cleared_at_the_rates_of_their_days(till: Till) -> None:
    assert await till.asks(33_00, merchant_amount=30_00, merchant_currency="eur")
    held = (await till.payment()).elements[0]
    assert (held.amount, held.merchant_amount, held.merchant_currency) == (33_00, 30_00, "EUR")
    # Between the two days the euro rose: the same 30.00 EUR cost more.
    await till.clears(33_60)
    cleared = (await till.payment()).elements[1]
    assert (cleared.amount, cleared.merchant_currency) == (33_60, "EUR")
    assert (await till.figures())["available"] == 66_40


async def test_a_clearing_heard_before_its_authorization_posts_once(till: Till) -> None:
    await till.asks_unheard(40_00)
    await till.clears_unheard()
    await till.told()
    assert await till.elements() == ["authorization 4000", "clearing 4000"]
    assert (await till.figures())["available"] == 60_00


async def test_a_clearing_that_is_presented_twice_is_put_right_by_its_correction(till: Till) -> None:
    await till.asks(25_00)
    await till.clears()
    # The acquirer presents it again, under another reference and without an authorization ...
    await till.forces(25_00)
    assert (await till.figures())["available"] == 50_00
    # ... and gives it back when somebody notices.
    await till.gives(25_00)
    assert (await till.figures())["available"] == 75_00


async def test_cash_is_held_and_taken_at_once(till: Till) -> None:
    machine = {
        "category": "automated_cash_disburse",
        "name": "CITY BANK ATM",
        "network_id": "400000000000001",
    }
    assert await till.asks(40_00, merchant_data=machine, authorization_method="chip")
    await till.clears()
    payment = await till.payment()
    assert (payment.channel, payment.totals.posted) == ("atm", 40_00)


async def test_an_increment_follows_a_first_clearing(till: Till) -> None:
    await till.asks(40_00)
    await till.clears(30_00, is_last=False)
    assert await till.asks_for_more(20_00)
    assert (await till.figures())["held"] == 30_00
    await till.clears(30_00)
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 60_00, "available": 40_00, "wallet_held": 0,
    }  # fmt: skip


async def test_what_is_left_after_a_first_clearing_is_reversed(till: Till) -> None:
    await till.asks(40_00)
    await till.clears(15_00, is_last=False)
    await till.reverses()
    assert await till.figures() == {
        "status": "settled", "held": 0, "posted": 15_00, "available": 85_00, "wallet_held": 0,
    }  # fmt: skip
