"""What the app knows, read from the real API."""

import httpx

from mobile.conftest import Phone


async def test_the_wallet_tells_what_can_be_spent_and_what_is_held(phone: Phone) -> None:
    from cardwright_mobile.state.wallet import Wallet

    client = await phone.sign_in()
    assert await phone.pay(30_00, "iauth_1")
    wallet = Wallet()
    assert not wallet.is_ready
    await wallet.read(client)
    assert wallet.is_ready
    assert (wallet.view.available_balance, wallet.view.held, wallet.view.currency) == (170_00, 30_00, "USD")


async def test_a_card_shows_what_its_limits_leave_and_what_it_paid(phone: Phone) -> None:
    from cardwright_mobile.state.cards import CardInView, Cards

    client = await phone.sign_in()
    assert await phone.pay(30_00, "iauth_1")
    cards = Cards()
    await cards.read(client)
    assert {card.id for card in cards.all} == {card.id for card in phone.holding.cards}
    shown = CardInView(card_id=phone.holding.cards[0].id)
    await shown.read(client)
    [limit] = [it for it in shown.limits if it.scope == "card"]
    assert (limit.window, limit.used, limit.remaining) == ("month", 30_00, 20_00)
    assert [payment.amount for payment in shown.recent] == [30_00]


async def test_one_tap_freezes_and_the_next_unfreezes(phone: Phone) -> None:
    from cardwright_mobile.state.cards import CardInView

    client = await phone.sign_in()
    shown = CardInView(card_id=phone.holding.cards[0].id)
    await shown.read(client)
    assert await shown.turn(client)
    assert shown.card.state == "frozen"
    assert not await phone.pay(1_00, "iauth_1")
    assert await shown.turn(client)
    assert shown.card.state == "active"
    assert await phone.pay(1_00, "iauth_2")


async def test_two_taps_at_once_are_one(phone: Phone) -> None:
    from cardwright_mobile.state.cards import CardInView

    client = await phone.sign_in()
    shown = CardInView(card_id=phone.holding.cards[0].id)
    await shown.read(client)
    shown.is_changing = True
    assert not await shown.turn(client)


async def test_a_declined_payment_says_why_in_plain_words(phone: Phone) -> None:
    from cardwright_mobile.state.activity import Activity, PaymentInView, reasons

    client = await phone.sign_in()
    assert not await phone.pay(60_00, "iauth_1")
    activity = Activity()
    await activity.read(client)
    [payment] = activity.payments
    assert payment.status == "declined"
    shown = PaymentInView(payment_id=payment.id)
    await shown.read(client)
    [why] = reasons(shown.timeline)
    assert "limit" in why.explanation
    assert why.would_pass


async def test_the_list_grows_at_both_ends_without_gap_or_repetition(phone: Phone) -> None:
    from cardwright_mobile.state.activity import Activity

    client = await phone.sign_in()
    for number in range(23):
        assert await phone.pay(1_00, f"iauth_{number}")
    activity = Activity()
    await activity.read(client)
    assert (len(activity.payments), activity.next_cursor is None) == (20, False)
    await activity.read_more(client)
    assert (len(activity.payments), activity.next_cursor) == (23, None)
    assert await phone.pay(1_00, "iauth_later", card=1)
    await activity.read(client)
    ids = [payment.id for payment in activity.payments]
    assert len(set(ids)) == len(ids) == 24
    assert ids == sorted(ids, reverse=True)
    await activity.show_only(client, "declined")
    assert activity.payments == ()


async def test_a_refused_wish_keeps_the_servers_words(phone: Phone) -> None:
    from cardwright_mobile.state.activity import PaymentInView

    client = await phone.sign_in()
    shown = PaymentInView(payment_id="pay_01kb3x9p4fe8s8b9xkq5n2r7vt")
    await shown.read(client)
    assert not shown.is_ready
    assert shown.trouble == "payment_unknown"
    assert shown.detail.endswith(".")


async def test_a_server_that_cannot_be_reached_leaves_what_was_known(phone: Phone) -> None:
    from cardwright_mobile.state.wallet import Wallet

    client = await phone.sign_in()
    wallet = Wallet()
    await wallet.read(client)
    client._http = httpx.AsyncClient(base_url="http://127.0.0.1:9")
    await wallet.read(client)
    assert (wallet.trouble, wallet.is_ready, wallet.view.currency) == ("unreachable", True, "USD")
    await client._http.aclose()


async def test_a_card_is_made_and_a_second_tap_makes_no_other(phone: Phone) -> None:
    from cardwright_mobile.state.cards import NewCard

    client = await phone.sign_in()
    state = NewCard()
    await state.read(client)
    assert (state.is_ready, state.templates) == (True, ())
    made = await state.create(client, "Groceries", "teal")
    assert (made.label, made.state, made.colour) == ("Groceries", "inactive", "teal")
    state.is_sending = True
    assert await state.create(client, "Groceries") is None


async def test_a_tap_repeated_after_a_lost_answer_makes_no_second_card(phone: Phone) -> None:
    from cardwright_mobile.state.cards import NewCard

    client = await phone.sign_in()
    way = phone.begin_to_lose(client)
    before = {card.id for card in await client.cards()}
    state = NewCard()
    way.to_lose = 2
    assert await state.create(client, "Groceries") is None
    assert state.trouble == "unreachable"
    assert await NewCard().create(client, "Groceries") is None  # who left the form and came back
    made = await state.create(client, "Groceries")
    assert {card.id for card in await client.cards()} - before == {made.id}
    assert len(set(way.keys)) == 1
    another = await state.create(client, "Groceries")
    assert another.id != made.id


async def test_another_wish_and_one_after_a_refusal_have_keys_of_their_own(phone: Phone) -> None:
    from cardwright_mobile.state.cards import NewCard

    client = await phone.sign_in()
    way = phone.begin_to_lose(client)
    state = NewCard()
    assert await state.create(client, "") is None
    assert state.trouble not in {"", "unreachable"}
    assert await state.create(client, "") is None
    way.to_lose = 1
    assert await state.create(client, "Tea") is None
    assert (await state.create(client, "Coffee")).label == "Coffee"
    assert len(way.keys) == len(set(way.keys)) == 4
