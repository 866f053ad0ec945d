"""Refresh tokens: rotation, lost answers, theft, and many at once."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import ISSUER
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.oauth.domain import GRANT_LIFETIME, LOST_RESPONSE_WINDOW, REFRESH_IDLE_LIFETIME
from integration.kyc.people import drain
from integration.oauth.scene import Application
from staff import grant_role

SECOND = timedelta(seconds=1)
ME = "/v1/me"


async def test_each_refresh_hands_out_the_next_token(browser: Mapping[str, str], phone: Application) -> None:
    tokens = await phone.tokens(browser)
    seen = {tokens["refresh_token"]}
    for _ in range(5):
        answer = await phone.refresh(tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        seen.add(tokens["refresh_token"])
        assert (await phone.get(ME, tokens["access_token"])).status_code == 200
    assert len(seen) == 6


async def test_a_spent_token_kills_the_family_on_the_next_request(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], phone: Application, robin: str
) -> None:
    first = await phone.tokens(browser)
    second = (await phone.refresh(first["refresh_token"])).json()
    await drain(engine)
    clock.advance(LOST_RESPONSE_WINDOW + SECOND)
    assert (await phone.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await phone.get(ME, second["access_token"])).status_code == 401
    assert (await phone.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    (event,) = await drain(engine)
    assert (event.type, event.subject_id) == ("oauth.refresh_token_reused", robin)


async def test_a_retry_after_a_lost_answer_does_not_log_the_phone_out(
    clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    first = await phone.tokens(browser)
    lost = await phone.refresh(first["refresh_token"])
    clock.advance(LOST_RESPONSE_WINDOW)
    retried = await phone.refresh(first["refresh_token"])
    assert (lost.status_code, retried.status_code) == (200, 200)
    assert (await phone.get(ME, retried.json()["access_token"])).status_code == 200
    assert (await phone.refresh(retried.json()["refresh_token"])).status_code == 200


async def test_of_two_answers_to_one_token_only_one_goes_on(
    clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    first = await phone.tokens(browser)
    pair = [(await phone.refresh(first["refresh_token"])).json() for _ in range(2)]
    kept = (await phone.refresh(pair[0]["refresh_token"])).json()
    clock.advance(LOST_RESPONSE_WINDOW + SECOND)
    assert (await phone.refresh(pair[1]["refresh_token"])).status_code == 400
    assert (await phone.refresh(kept["refresh_token"])).status_code == 400


async def test_a_thief_without_the_key_gets_nothing_and_cannot_log_the_owner_out(
    clock: MovableClock, browser: Mapping[str, str], phone: Application, client: httpx.AsyncClient
) -> None:
    first = await phone.tokens(browser)
    second = (await phone.refresh(first["refresh_token"])).json()
    clock.advance(LOST_RESPONSE_WINDOW + SECOND)
    thief = Application(client, clock, phone.client_id, phone.redirect_uri, key=ECKey.generate_key("P-256"))
    for stolen in (first["refresh_token"], second["refresh_token"]):
        assert (await thief.refresh(stolen)).json()["error"] == "invalid_grant"
    assert (await phone.refresh(second["refresh_token"])).status_code == 200


async def test_a_public_client_without_a_proof_gets_nothing(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application
) -> None:
    tokens = await phone.tokens(browser)
    form = {
        "grant_type": "refresh_token", "client_id": phone.client_id, "refresh_token": tokens["refresh_token"],
    }  # fmt: skip
    unproven = await client.post("/oauth/token", data=form)
    assert unproven.json()["error"] == "invalid_dpop_proof"
    used = phone.proof("POST", f"{ISSUER}/oauth/token")
    assert (await phone.refresh(tokens["refresh_token"], proof=used)).status_code == 200
    replayed = await phone.refresh(tokens["refresh_token"], proof=used)
    assert replayed.json()["error"] == "invalid_dpop_proof"


async def test_twenty_refreshes_at_once_all_answer_and_one_line_goes_on(
    clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    first = await phone.tokens(browser)
    answers = await asyncio.gather(*(phone.refresh(first["refresh_token"]) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    tokens = [answer.json()["refresh_token"] for answer in answers]
    assert len(set(tokens)) == 20
    assert (await phone.refresh(tokens[7])).status_code == 200
    clock.advance(LOST_RESPONSE_WINDOW + SECOND)
    assert (await phone.refresh(tokens[11])).status_code == 400
    assert (await phone.refresh(tokens[7])).status_code == 400


async def test_owner_and_thief_who_race_with_two_generations_leave_nobody_signed_in(
    clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    first = await phone.tokens(browser)
    second = (await phone.refresh(first["refresh_token"])).json()
    clock.advance(LOST_RESPONSE_WINDOW + SECOND)
    answers = await asyncio.gather(
        *(phone.refresh(token) for token in [first["refresh_token"], second["refresh_token"]] * 10)
    )
    survivors = [answer.json()["refresh_token"] for answer in answers if answer.status_code == 200]
    assert {(await phone.refresh(token)).status_code for token in survivors} <= {400}
    assert (await phone.refresh(second["refresh_token"])).status_code == 400


async def test_an_idle_phone_and_an_old_grant_end(
    engine: AsyncEngine, clock: MovableClock, robin: str, phone: Application
) -> None:
    idle = await phone.tokens(await sign_in(engine, clock, robin))
    clock.advance(REFRESH_IDLE_LIFETIME)
    assert (await phone.refresh(idle["refresh_token"])).status_code == 400

    tokens = await phone.tokens(await sign_in(engine, clock, robin))
    refreshes, step = 0, timedelta(days=9)
    while (answer := await phone.refresh(tokens["refresh_token"])).status_code == 200:
        tokens, refreshes = answer.json(), refreshes + 1
        clock.advance(step)
    assert refreshes == GRANT_LIFETIME // step


async def test_a_confidential_client_keeps_its_one_token_until_the_grant_ends(
    clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    token = (await partner.tokens(browser))["refresh_token"]
    for _ in range(3):
        clock.advance(timedelta(days=29))
        answer = await partner.refresh(token)
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()
    clock.advance(timedelta(days=3))
    assert (await partner.refresh(token)).json()["error"] == "invalid_grant"


async def test_fewer_scopes_may_be_asked_for_and_never_more(
    browser: Mapping[str, str], partner: Application
) -> None:
    tokens = await partner.tokens(browser, scope="account.read offline_access")
    narrowed = (await partner.refresh(tokens["refresh_token"], scope="account.read")).json()
    assert narrowed["scope"] == "account.read"
    more = await partner.refresh(tokens["refresh_token"], scope="account.read cards.read")
    assert more.json()["error"] == "invalid_scope"


async def test_without_offline_access_there_is_no_refresh_token(
    clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    tokens = await phone.tokens(browser, scope="openid account.read")
    assert "refresh_token" not in tokens
    assert (await phone.get(ME, tokens["access_token"])).status_code == 200


async def test_staff_give_no_access_for_when_they_are_away(
    engine: AsyncEngine, clock: MovableClock, robin: str, phone: Application
) -> None:
    async with transaction(engine) as session:
        await grant_role(session, robin, Role.SUPPORT, "system", clock.now())
    tokens = await phone.tokens(await sign_in(engine, clock, robin))
    assert "refresh_token" not in tokens
    assert "offline_access" not in tokens["scope"]


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "a.b.c", "é"])
async def test_what_is_no_refresh_token_is_refused(
    browser: Mapping[str, str], phone: Application, token: str
) -> None:
    tokens = await phone.tokens(browser)
    assert (await phone.refresh(token)).status_code == 400
    assert (await phone.refresh(tokens["access_token"])).status_code == 400
    assert (await phone.refresh(tokens["refresh_token"])).status_code == 200


async def test_secrets_are_stored_as_digests_only(
    engine: AsyncEngine, browser: Mapping[str, str], phone: Application, partner: Application
) -> None:
    code = await phone.code(browser)
    tokens = (await phone.exchange(code)).json()
    secret = partner.credentials["Authorization"]
    tables = ("oauth_refresh_tokens", "oauth_codes", "oauth_grants", "oauth_clients", "oauth_signing_keys")
    async with transaction(engine) as session:
        stored = ""
        for table in tables:
            rows = await session.execute(text(f"SELECT row_to_json(t)::text FROM {table} t"))  # noqa: S608
            stored += "\n".join(rows.scalars())
    for hidden in (code, tokens["refresh_token"], tokens["access_token"], secret, '"d":'):
        assert hidden not in stored
