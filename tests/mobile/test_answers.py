"""What somebody is asked: told at once, answered with a factor where that takes one, and once."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication.factors.domain import Owner
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from integration.authentication.factor_people import Person
from integration.challenges.scene import Scene
from mobile.conftest import CALLBACK, Phone
from software_authenticator import SoftwareAuthenticator


@pytest.fixture
async def scene(phone: Phone, engine: AsyncEngine, clock: MovableClock) -> Scene:
    """Somebody with a passkey, which they did not use to sign in, and shops that can ask."""
    owner = Owner(phone.holding.user_id, phone.holding.program_id)
    await Person(engine, clock, owner, new_id("ses")).with_passkey(SoftwareAuthenticator())
    return Scene(engine, clock, phone.holding)


async def test_what_ends_first_is_asked_first_and_what_is_over_not_at_all(
    phone: Phone, scene: Scene, clock: MovableClock
) -> None:
    from cardwright_mobile.state.answers import Answers

    client = await phone.sign_in()
    soon = scene.notice(reference="acsch_2", expires_at=clock.now() + timedelta(minutes=2))
    await scene.tell(scene.notice(), soon)
    answers = Answers()
    await answers.read(client)
    [first, second] = answers.waiting(clock.now())
    assert (first.amount, first.merchant.name, first.card.last4) == (49_00, "Corner Bakery", "4242")
    assert first.expires_at < second.expires_at
    later = clock.now() + timedelta(minutes=3)
    assert [it.id for it in answers.waiting(later)] == [second.id]


async def test_refusing_needs_no_factor_and_a_lost_answer_no_second_refusal(
    phone: Phone, scene: Scene
) -> None:
    from cardwright_mobile.state.deeds import Deed, Deeds

    client = await phone.sign_in()
    challenge = await scene.asked()
    way = phone.begin_to_lose(client)
    way.to_lose = 1
    deeds, deed = Deeds(), Deed("report", (challenge.id,))
    assert not await deeds.do(client, deed)
    assert deeds.trouble == "unreachable"
    assert await deeds.do(client, deed)
    assert len(set(way.keys)) == 1
    stored = await scene.stored()
    assert stored.is_fraud_reported


async def test_approving_goes_by_the_browser_for_a_factor_and_is_done_on_the_way_back(
    phone: Phone, scene: Scene, engine: AsyncEngine
) -> None:
    from cardwright_mobile.api.problems import SignedOut, StepUpNeeded
    from cardwright_mobile.state.deeds import Deed, Deeds

    client = await phone.sign_in()
    challenge = await scene.asked()
    deeds, deed = Deeds(), Deed("approve", (challenge.id,))
    with pytest.raises(StepUpNeeded):
        await deeds.do(client, deed)
    assert deeds.doing is None
    address = await phone.session.address_to_step_up(CALLBACK, "/activity", deed)
    # Without a factor the server's page keeps the browser; with it, it lets the browser come back.
    assert (await phone.http.get(address, headers=phone.browser)).status_code == 401
    await phone.use_factor(engine)
    arrival = await phone.session.come_back(await phone.browse(address))
    assert (arrival.place, arrival.deed, arrival.is_signed_in) == ("/activity", deed, True)
    assert await deeds.do(phone.session.client, arrival.deed)
    assert (await scene.stored()).decision == "approved"
    with pytest.raises(SignedOut):
        await client.me()  # what was replaced counts no more


async def test_a_step_up_that_is_given_up_leaves_the_sign_in_as_it_was(phone: Phone) -> None:
    client = await phone.sign_in()
    address = await phone.session.address_to_step_up(CALLBACK, "/cards/x", None)
    state = address.partition("state=")[2].partition("&")[0]
    arrival = await phone.session.come_back(f"{CALLBACK}?state={state}&error=access_denied")
    assert (arrival.place, arrival.deed, arrival.is_signed_in) == ("/cards/x", None, False)
    assert phone.session.client is client
    assert (await client.me()).id == phone.holding.user_id


def test_a_deed_is_found_again_and_nothing_that_is_none() -> None:
    from cardwright_mobile.state.deeds import Deed

    deed = Deed("approve", ("chal_1",))
    assert Deed.read(deed.written()) == deed
    for text in ("", "[]", '["__import__", "os"]', "{", "null"):
        assert Deed.read(text) is None
