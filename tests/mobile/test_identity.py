"""Proving who one is from the phone: the profile, documents, and handing them in."""

from datetime import date
from zoneinfo import available_timezones

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from hostile_files import encoded, photo
from integration.kyc.people import the_program
from integration.payments.holders import Holding
from mobile.conftest import Phone, a_phone

FORM = {
    "full_name": " Grace Hopper ", "date_of_birth": "1986-12-09", "phone": "+1 (617) 555-0142",
    "line1": "1 Harbour Way", "city": "Boston", "postal_code": "02108", "country": "US",
}  # fmt: skip
PASSWORD = "correct horse battery staple"
TODAY = date(2026, 11, 30)


@pytest.fixture
async def newcomer(engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient) -> Phone:
    """Somebody of whom nothing is known yet."""
    async with transaction(engine) as session:
        program = await the_program(session)
        user_id = await create_verified_identity(
            session, "grace@example.com", PASSWORD, program.id, clock.now()
        )
    return await a_phone(engine, clock, client, Holding(program.id, user_id, ()))


def test_a_form_becomes_a_profile_with_a_time_zone_of_its_country() -> None:
    from cardwright_mobile.state.identity import ZONES, profile_of

    told = profile_of(FORM, "de", TODAY)
    assert told is not None
    assert (told["full_name"], told["phone"], told["locale"]) == ("Grace Hopper", "+16175550142", "de-DE")
    assert told["time_zone"] == ZONES["US"][0]
    denver = profile_of({**FORM, "time_zone": "America/Denver"}, "en", TODAY)
    berlin = profile_of({**FORM, "country": "DE", "time_zone": "America/Denver"}, "en", TODAY)
    assert [it and it["time_zone"] for it in (denver, berlin)] == ["America/Denver", "Europe/Berlin"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"full_name": "  "}, {"date_of_birth": ""}, {"date_of_birth": "2026-11-30"}, {"phone": "6175550142"},
        {"city": ""}, {"country": "XX"},
    ],
)  # fmt: skip
def test_a_form_with_something_missing_is_not_sent(wrong: dict[str, str]) -> None:
    from cardwright_mobile.state.identity import profile_of

    assert profile_of({**FORM, **wrong}, "en", TODAY) is None


def test_the_time_zones_that_the_app_offers_exist() -> None:
    from cardwright_mobile.state.identity import ZONES

    assert {zone for zones in ZONES.values() for zone in zones} <= available_timezones()


async def test_documents_are_handed_over_once_and_erased_for_good(newcomer: Phone) -> None:
    from cardwright_mobile.state.identity import LARGEST_BYTES, Identity, profile_of

    client, state = await newcomer.sign_in(), Identity()
    await state.read(client)
    assert state.who.profile is None
    assert await state.say_who(client, profile_of(FORM, "en", TODAY) or {})
    assert state.who.profile.full_name == "Grace Hopper"
    picture = encoded(photo(), "JPEG")
    way = newcomer.begin_to_lose(client)
    way.to_lose = 1
    assert not await state.add(client, "passport", picture)
    assert state.trouble == "unreachable"
    assert await state.add(client, "passport", picture)
    assert len(set(way.keys)) == 1
    [document] = state.kept
    assert (document.kind, state.is_sending) == ("passport", False)
    assert not await state.add(client, "passport", b"0" * (LARGEST_BYTES + 1))
    assert state.trouble == "document_too_large"
    assert not await state.add(client, "selfie", b"no picture at all")
    assert state.detail
    assert await state.remove(client, document.id)
    assert state.kept == ()


async def test_home_tells_who_is_new_until_they_are_known(newcomer: Phone, phone: Phone) -> None:
    from cardwright_mobile.state.account import Account

    for somebody, is_new in ((newcomer, True), (phone, False)):
        account = Account()
        assert not account.is_new
        await account.follow(await somebody.sign_in())
        assert account.is_new is is_new
