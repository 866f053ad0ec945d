"""Authorization codes: once, quickly, by whom they were given to; and who comes again ends it all."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import ISSUER
from cardwright.core.clock import MovableClock
from integration.kyc.people import drain
from integration.oauth.scene import (
    CALLBACK,
    Application,
    basic,
    challenge_of,
    query_of,
    registered,
)

ME = "/v1/me"


async def test_a_code_that_comes_again_ends_what_it_gave(
    engine: AsyncEngine, browser: Mapping[str, str], partner: Application
) -> None:
    code = await partner.code(browser)
    tokens = (await partner.exchange(code)).json()
    await drain(engine)
    assert (await partner.exchange(code)).json()["error"] == "invalid_grant"
    assert (await partner.get(ME, tokens["access_token"])).status_code == 401
    assert (await partner.refresh(tokens["refresh_token"])).status_code == 400
    assert [event.type for event in await drain(engine)] == ["oauth.code_reused"]


async def test_of_many_exchanges_at_once_at_most_one_gives_tokens_and_none_of_them_lasts(
    browser: Mapping[str, str], partner: Application
) -> None:
    code = await partner.code(browser)
    answers = await asyncio.gather(*(partner.exchange(code) for _ in range(20)))
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(given) == 1
    assert (await partner.get(ME, given[0]["access_token"])).status_code == 401


async def test_a_code_lives_for_a_minute(
    clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    quick, slow = await partner.code(browser), await partner.code(browser)
    clock.advance(timedelta(seconds=59))
    assert (await partner.exchange(quick)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await partner.exchange(slow)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": "short"},
        {"code_verifier": ""},
        {"redirect_uri": "https://partner.example/other"},
        {"redirect_uri": ""},
        {"code": "x" * 43},
        {"code": ""},
    ],
)
async def test_a_code_with_anything_wrong_about_it_gives_nothing_and_is_spent(
    browser: Mapping[str, str], partner: Application, changes: Mapping[str, str]
) -> None:
    code = await partner.code(browser)
    assert (await partner.exchange(code, **changes)).json()["error"] == "invalid_grant"
    survives = "code" in changes
    assert (await partner.exchange(code)).status_code == (200 if survives else 400)


async def test_a_code_that_another_client_got_hold_of_is_nothing_to_it(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, browser: Mapping[str, str],
    partner: Application,
) -> None:  # fmt: skip
    made = await registered(engine, clock)
    mallory = Application(client, clock, made.client.id, CALLBACK, basic(made), verifier=partner.verifier)
    code = await partner.code(browser)
    assert (await mallory.exchange(code)).json()["error"] == "invalid_grant"
    assert (await partner.exchange(code)).json()["error"] == "invalid_grant"


async def test_a_code_of_an_attacker_does_not_fit_the_session_it_is_slipped_into(
    client: httpx.AsyncClient, clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    # The victim's client has a verifier of its own for each request that it began.
    victim = Application(client, clock, partner.client_id, CALLBACK, partner.credentials)
    slipped = await partner.code(browser)
    assert victim.verifier != partner.verifier
    assert (await victim.exchange(slipped)).json()["error"] == "invalid_grant"


async def test_the_answer_says_which_server_it_is_from(
    browser: Mapping[str, str], partner: Application
) -> None:
    asked = (await partner.authorize(browser)).headers["location"]
    said = await partner.http.post(asked, data={"decision": "approved"}, headers=browser)
    answer = query_of(said.headers["location"])
    assert (answer["iss"], answer["state"]) == (ISSUER, "state-1")
    refused = (await partner.authorize(browser, response_type="token")).headers["location"]
    assert (query_of(refused)["iss"], query_of(refused)["state"]) == (ISSUER, "state-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
        {"code_challenge": "x" * 44},
        {"code_challenge": challenge_of("a") + "="},
        {"code_challenge": None, "code_challenge_method": None},
    ],
)
async def test_there_is_no_code_without_pkce_or_with_less_of_it(
    browser: Mapping[str, str], partner: Application, changes: Mapping[str, str | None]
) -> None:
    answer = query_of((await partner.authorize(browser, **changes)).headers["location"])
    assert answer["error"] == "invalid_request"
    assert "code" not in answer


async def test_a_code_bound_to_a_key_is_nothing_to_another_key(
    client: httpx.AsyncClient, clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    bound = {"dpop_jkt": phone.key.thumbprint()}
    code = await phone.code(browser, **bound)
    thief = Application(
        client, clock, phone.client_id, phone.redirect_uri, key=ECKey.generate_key("P-256"),
        verifier=phone.verifier,
    )  # fmt: skip
    assert (await thief.exchange(code)).json()["error"] == "invalid_grant"
    assert (await phone.exchange(await phone.code(browser, **bound))).status_code == 200


async def test_a_code_dies_with_the_session_it_was_given_in(
    client: httpx.AsyncClient, browser: Mapping[str, str], partner: Application
) -> None:
    code = await partner.code(browser)
    await client.post("/v1/auth/sign-out", headers=browser)
    assert (await partner.exchange(code)).json()["error"] == "invalid_grant"
