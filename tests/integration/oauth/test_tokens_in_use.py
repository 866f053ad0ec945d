"""Looking at tokens, giving them back, userinfo, signing out, and keys that take turns."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import ISSUER
from cardwright import oauth
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.oauth.keys import KeyTooYoung
from integration.kyc.people import the_program
from integration.oauth.scene import (
    CALLBACK,
    PHONE_CALLBACK,
    Application,
    as_query,
    basic,
    claims_in,
    query_of,
    registered,
)

ME = "/v1/me"


async def told_of(application: Application, token: str, path: str = "/oauth/introspect") -> httpx.Response:
    return await application.http.post(path, data={"token": token}, headers=application.credentials)


async def test_a_client_learns_what_its_own_tokens_are_good_for(
    browser: Mapping[str, str], partner: Application, robin: str
) -> None:
    tokens = await partner.tokens(browser)
    told = (await told_of(partner, tokens["access_token"])).json()
    claims = claims_in(tokens["access_token"])
    assert told == {
        "active": True, "scope": tokens["scope"], "client_id": partner.client_id, "sub": robin, "iss": ISSUER,
        "aud": ISSUER, "exp": claims["exp"], "iat": claims["iat"], "jti": claims["jti"],
        "token_type": "Bearer",
    }  # fmt: skip
    assert (await told_of(partner, tokens["refresh_token"])).json()["active"] is True


async def test_of_any_other_token_it_learns_nothing(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], partner: Application,
    phone: Application,
) -> None:  # fmt: skip
    made = await registered(engine, clock)
    other = Application(partner.http, clock, made.client.id, CALLBACK, basic(made))
    tokens = await partner.tokens(browser)
    for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"], "nonsense"):
        assert (await told_of(other, token)).json() == {"active": False}
    asked = await phone.http.post(
        "/oauth/introspect", data={"token": tokens["access_token"], "client_id": phone.client_id}
    )
    assert asked.status_code == 401
    clock.advance(timedelta(minutes=10))
    assert (await told_of(partner, tokens["access_token"])).json() == {"active": False}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_giving_a_token_back_ends_its_whole_family_at_once(
    browser: Mapping[str, str], partner: Application, kind: str
) -> None:
    tokens = await partner.tokens(browser)
    for _ in range(2):
        assert (await told_of(partner, tokens[kind], "/oauth/revoke")).status_code == 200
    assert (await partner.get(ME, tokens["access_token"])).status_code == 401
    assert (await partner.refresh(tokens["refresh_token"])).status_code == 400
    assert (await told_of(partner, tokens["access_token"])).json() == {"active": False}


async def test_nobody_gives_back_what_is_not_theirs(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    made = await registered(engine, clock)
    other = Application(partner.http, clock, made.client.id, CALLBACK, basic(made))
    tokens = await partner.tokens(browser)
    for token in (tokens["access_token"], tokens["refresh_token"], "nonsense"):
        assert (await told_of(other, token, "/oauth/revoke")).status_code == 200
    assert (await partner.get(ME, tokens["access_token"])).status_code == 200


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", set()),
        ("openid profile", {"name", "locale", "zoneinfo"}),
        ("openid email", {"email", "email_verified"}),
        ("openid phone", {"phone_number"}),
        ("openid address", {"address"}),
    ],
)
async def test_userinfo_tells_what_the_scopes_name(
    browser: Mapping[str, str], partner: Application, robin: str, scope: str, names: set[str]
) -> None:
    tokens = await partner.tokens(browser, scope=scope)
    told = (await partner.get("/oauth/userinfo", tokens["access_token"])).json()
    assert told["sub"] == robin == claims_in(tokens["id_token"])["sub"]
    assert set(told) == {"sub", *names}


async def test_userinfo_needs_openid(browser: Mapping[str, str], partner: Application) -> None:
    tokens = await partner.tokens(browser, scope="account.read")
    assert "id_token" not in tokens
    refused = await partner.get("/oauth/userinfo", tokens["access_token"])
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")
    nobody = await partner.http.get("/oauth/userinfo")
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_an_id_token_is_for_its_client_and_repeats_its_nonce(
    browser: Mapping[str, str], partner: Application
) -> None:
    claims = claims_in((await partner.tokens(browser, nonce="n-1"))["id_token"])
    assert (claims["aud"], claims["nonce"], claims["iss"]) == (partner.client_id, "n-1", ISSUER)
    assert set(claims) == {
        "iss", "sub", "aud", "iat", "exp", "sid", "auth_time", "acr", "amr", "nonce",
    }  # fmt: skip


async def leave(client: httpx.AsyncClient, browser: Mapping[str, str], **query: str) -> httpx.Response:
    return await client.get(f"/oauth/end-session?{as_query(query)}", headers=browser)


async def test_an_application_signs_its_person_out(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application
) -> None:
    tokens = await phone.tokens(browser)
    wish = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": PHONE_CALLBACK, "state": "s"}
    left = await leave(client, browser, **wish)
    assert (left.status_code, left.headers["location"]) == (303, PHONE_CALLBACK + "?state=s")
    assert left.headers["set-cookie"].startswith('__Host-cardwright=""')
    assert (await client.get(ME, headers=browser)).status_code == 401
    assert (await phone.get(ME, tokens["access_token"])).status_code == 401


async def test_without_a_token_of_this_session_the_person_is_asked_first(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application, partner: Application
) -> None:
    tokens = await phone.tokens(browser)
    hints: list[dict[str, str]] = [
        {}, {"id_token_hint": "nonsense"}, {"id_token_hint": tokens["access_token"]},
        {"id_token_hint": tokens["id_token"], "client_id": partner.client_id},
    ]  # fmt: skip
    for hint in hints:
        asked = await leave(client, browser, **hint)
        assert asked.status_code == 200
        assert "<form" in asked.text
        assert (await client.get(ME, headers=browser)).status_code == 200
    foreign = {"Cookie": browser["Cookie"], "Sec-Fetch-Site": "cross-site"}
    assert (await client.post("/oauth/end-session", data={"a": "b"}, headers=foreign)).status_code == 403
    assert (await client.get(ME, headers=browser)).status_code == 200
    assert (await client.post("/oauth/end-session", data={"a": "b"}, headers=browser)).status_code == 200
    assert (await client.get(ME, headers=browser)).status_code == 401


async def test_signing_out_sends_nobody_anywhere_that_is_not_registered(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application
) -> None:
    tokens = await phone.tokens(browser)
    evil = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.example/"}
    shown = await leave(client, browser, **evil)
    assert shown.status_code == 400
    assert "location" not in shown.headers
    assert (await client.get(ME, headers=browser)).status_code == 200
    unnamed = await leave(client, browser, post_logout_redirect_uri=PHONE_CALLBACK)
    assert unnamed.status_code == 400


async def published(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys: list[dict[str, Any]] = answer.json()["keys"]
    return keys


async def rotate(engine: AsyncEngine, clock: MovableClock, **options: bool) -> str:
    async with transaction(engine) as session:
        program = await the_program(session)
        return await oauth.rotate_signing_keys(session, program.id, clock.now(), **options)


async def test_keys_take_turns_and_each_is_published_before_and_after_it_signs(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, browser: Mapping[str, str],
    partner: Application,
) -> None:  # fmt: skip
    before = await published(client)
    assert {frozenset(key) for key in before} == {frozenset({"kty", "crv", "x", "kid", "use", "alg"})}
    assert len(before) == 2
    old = await partner.tokens(browser)
    clock.advance(timedelta(minutes=10))
    old = (await partner.refresh(old["refresh_token"])).json()
    active = await rotate(engine, clock)
    assert active in {key["kid"] for key in before}
    after = await published(client)
    assert {key["kid"] for key in before} < {key["kid"] for key in after}
    assert (await partner.get(ME, old["access_token"])).status_code == 200
    new = (await partner.tokens(browser))["access_token"]
    assert (
        jwt.decode(new, KeySet.import_key_set({"keys": after}), algorithms=["Ed25519"]).header["kid"]
        == active
    )
    assert (await partner.get(ME, new)).status_code == 200
    clock.advance(timedelta(hours=24))
    assert len(await published(client)) == 2


async def test_a_key_that_nobody_can_know_yet_does_not_sign(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, partner: Application
) -> None:
    clock.advance(timedelta(minutes=10))
    await rotate(engine, clock)
    with pytest.raises(KeyTooYoung):
        await rotate(engine, clock)
    assert len(await published(client)) == 3


async def test_what_a_compromised_key_signed_is_refused_at_once(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, browser: Mapping[str, str],
    partner: Application,
) -> None:  # fmt: skip
    token = (await partner.tokens(browser))["access_token"]
    await rotate(engine, clock, is_compromised=True)
    assert (await partner.get(ME, token)).status_code == 401
    assert len(await published(client)) == 2


async def test_what_has_expired_is_forgotten_and_nothing_else(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    tokens = await phone.tokens(browser)
    await phone.code(browser)
    clock.advance(timedelta(days=2))
    await oauth.forget_what_expired(Work(engine, clock, {}))
    async with transaction(engine) as session:
        left = {
            table: (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
            for table in ("oauth_codes", "oauth_used_proofs", "oauth_refresh_tokens")
        }
    assert left == {"oauth_codes": 0, "oauth_used_proofs": 0, "oauth_refresh_tokens": 1}
    assert (await phone.refresh(tokens["refresh_token"])).status_code == 200


async def test_both_descriptions_of_the_server_are_true_and_the_same(client: httpx.AsyncClient) -> None:
    told = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert told == (await client.get("/.well-known/openid-configuration")).json()
    assert told["issuer"] == ISSUER
    for name in told:
        if name.endswith("_endpoint"):
            path = told[name].removeprefix(ISSUER)
            answers = {(await client.get(path)).status_code, (await client.post(path)).status_code}
            assert 404 not in answers, name


async def test_a_state_comes_back_as_it_was(browser: Mapping[str, str], phone: Application) -> None:
    state = "a b&c=d#e?f%20"
    assert query_of((await phone.authorize(browser, state=state)).headers["location"])["state"] == state
