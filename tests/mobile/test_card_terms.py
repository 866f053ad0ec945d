"""What a card may spend and where, changed from the phone; its number, shown and forgotten."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.test_reveals_api import NUMBERS, a_window
from cardwright.authentication.factors.domain import Owner
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from integration.authentication.factor_people import Person
from integration.kyc.people import a_verified_person, the_program
from integration.payments.holders import Holding
from integration.vault.processor import NumberingProcessor
from mobile.conftest import CALLBACK, Phone, a_phone
from software_authenticator import SoftwareAuthenticator


async def give_a_passkey(phone: Phone, engine: AsyncEngine) -> None:
    owner = Owner(phone.holding.user_id, phone.holding.program_id)
    await Person(engine, phone.clock, owner, new_id("ses")).with_passkey(SoftwareAuthenticator())


async def prove(phone: Phone, engine: AsyncEngine, deed: Any) -> Any:
    """Go by the browser for a factor and return what the app does when it is back."""
    address = await phone.session.address_to_step_up(CALLBACK, "/cards", deed)
    await phone.use_factor(engine)
    return (await phone.session.come_back(await phone.browse(address))).deed


async def test_a_lower_limit_is_set_at_once_and_a_higher_one_after_a_factor(
    phone: Phone, engine: AsyncEngine
) -> None:
    from cardwright_mobile.api.problems import StepUpNeeded
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.state.terms import Limits

    await give_a_passkey(phone, engine)
    client, card_id = await phone.sign_in(), phone.holding.cards[0].id
    state, deeds = Limits(card_id=card_id), Deeds()
    await state.read(client)
    form = state.written("de")
    assert (form["month"], form["day"]) == ("50,00", "")
    form |= {"month": "40", "day": "much"}
    assert state.wrong(form, "de") == {"day"}
    form["day"] = "12,5"
    assert state.wrong(form, "de") == frozenset()
    lower = state.wanted(form, "de")
    assert lower == [{"window": "day", "amount": 12_50}, {"window": "month", "amount": 40_00}]
    assert await deeds.do(client, Deed("limits", (card_id, lower)))
    assert not await phone.pay(13_00, "iauth_1")
    assert await phone.pay(12_00, "iauth_2")

    form |= {"day": "", "month": "1.000,00"}
    higher = Deed("limits", (card_id, state.wanted(form, "de")))
    with pytest.raises(StepUpNeeded):
        await deeds.do(client, higher)
    assert await prove(phone, engine, higher) == higher
    assert await deeds.do(phone.session.client, higher)
    await state.read(phone.session.client)
    assert state.written("en")["month"] == "1,000.00"


async def test_limits_of_other_kinds_stay_as_they_are(phone: Phone, engine: AsyncEngine) -> None:
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.state.terms import Limits

    client, card_id = await phone.sign_in(), phone.holding.cards[0].id
    few = {"window": "day", "count": 3}
    bread = {"window": "month", "amount": 20_00, "only": {"categories": ["groceries"]}}
    await client.set_limits(card_id, [few, bread, {"window": "month", "amount": 50_00}])
    state = Limits(card_id=card_id)
    await state.read(client)
    form = state.written("en") | {"month": "30"}
    assert await Deeds().do(client, Deed("limits", (card_id, state.wanted(form, "en"))))
    await state.read(client)
    kept = [(it.window, it.count, it.amount, bool(it.only)) for it in state.card.limits]
    assert sorted(kept, key=str) == sorted(
        [("day", 3, None, False), ("month", None, 20_00, True), ("month", None, 30_00, False)], key=str
    )


async def test_a_card_is_locked_to_a_merchant_and_another_one_let_through_after_a_factor(
    phone: Phone, engine: AsyncEngine
) -> None:
    from cardwright_mobile.api.problems import StepUpNeeded
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.state.terms import Where

    await give_a_passkey(phone, engine)
    client, card_id = await phone.sign_in(), phone.holding.cards[0].id
    for number, merchant in enumerate(("Bakery", "Bookshop")):
        assert await phone.pay(1_00, f"iauth_{number}", merchant=merchant)
    state, deeds = Where(card_id=card_id), Deeds()
    await state.read(client)
    assert (state.is_locked, state.locked_to, state.exceptions) == (False, None, ())
    await state.seek(client, "ba")
    assert state.found == ()
    await state.seek(client, "bake")
    [bakery] = state.found
    await state.seek(client, "books")
    [bookshop] = state.found
    assert await deeds.do(client, Deed("lock", (card_id, bakery.id)))
    await state.read(client)
    assert (state.is_locked, state.name_of(state.locked_to)) == (True, "Bakery")
    assert not await phone.pay(1_00, "iauth_3", merchant="Bookshop")

    allow = Deed("allow", (card_id, bookshop.id))
    with pytest.raises(StepUpNeeded):
        await deeds.do(client, allow)
    assert await prove(phone, engine, allow) == allow
    assert await deeds.do(phone.session.client, allow)
    await state.read(phone.session.client)
    [through] = state.through(datetime.now(UTC))
    assert state.name_of(through.merchant_id) == "Bookshop"
    assert await phone.pay(1_00, "iauth_4", merchant="Bookshop")
    assert await deeds.do(phone.session.client, Deed("end_exception", (card_id, through.id)))
    assert not await phone.pay(1_00, "iauth_5", merchant="Bookshop")
    assert await deeds.do(phone.session.client, Deed("unlock", (card_id,)))
    assert await phone.pay(1_00, "iauth_6", merchant="Bookshop")


async def test_the_number_takes_a_factor_is_shown_for_seconds_and_then_forgotten(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    from cardwright_mobile.api.problems import StepUpNeeded
    from cardwright_mobile.state.deeds import Deed, Deeds
    from cardwright_mobile.state.secret import SHOWN_SECONDS, Secret, grouped

    window = await a_window(engine, clock, NumberingProcessor(NUMBERS))
    user_id = await a_verified_person(engine, clock, "ada@example.com")
    card_id = await window.card(user_id)
    async with transaction(engine) as session:
        program = await the_program(session)
    phone = await a_phone(engine, clock, window.client, Holding(program.id, user_id, ()))
    await give_a_passkey(phone, engine)
    client, deeds, reveal = await phone.sign_in(), Deeds(), Deed("reveal", (card_id,))
    with pytest.raises(StepUpNeeded):
        await deeds.do(client, reveal)
    assert await prove(phone, engine, reveal) == reveal
    number: Any = await deeds.do(phone.session.client, reveal)
    assert grouped(number.number) == "4000 0099 9012 3456"

    secret = Secret()
    seen: list[tuple[int, bool]] = []

    def see(it: Any, _: str | None) -> None:
        seen.append((it.seconds_left, it.of(card_id) is not None))

    secret.subscribe(see)
    await secret.show(number, second=0.001)
    assert (SHOWN_SECONDS, True) in seen
    assert (secret.number, secret.of(card_id), secret.seconds_left) == (None, None, 0)
    assert secret.of(new_id("card")) is None


async def test_a_number_that_only_the_processor_has_says_so(phone: Phone, engine: AsyncEngine) -> None:
    from cardwright_mobile.state.deeds import Deed, Deeds

    client, deeds = await phone.sign_in(), Deeds()
    await give_a_passkey(phone, engine)
    deed = await prove(phone, engine, Deed("reveal", (phone.holding.cards[0].id,)))
    assert not await deeds.do(phone.session.client, deed)
    assert deeds.trouble == "reveal_at_processor"
    assert client is not phone.session.client
