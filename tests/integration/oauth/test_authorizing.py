"""The authorization endpoint: who is asked, who is shown an error, and where nobody is ever sent."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import headers_of, opened_for, sign_in
from builders import ISSUER
from cardwright.authentication import strengthen_session
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from integration.kyc.people import a_person
from integration.oauth.scene import (
    CALLBACK,
    PHONE_CALLBACK,
    Application,
    a_phone_client,
    as_query,
    basic,
    claims_in,
    query_of,
    registered,
)

NOBODY: Mapping[str, str] = {}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "client_unknown"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/connected"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": CALLBACK + "#x"},
        {"redirect_uri": CALLBACK + "/../evil"},
        {"redirect_uri": CALLBACK.upper()},
        {"redirect_uri": "https://partner.example@evil.example/connected"},
        {"redirect_uri": "https://partner.example\\@evil.example/connected"},
        {"redirect_uri": "https://partner.example.evil.example/connected"},
        {"redirect_uri": "//evil.example"},
        {"redirect_uri": "javascript:alert(1)"},
        {"request_uri": "https://evil.example/request"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:unknown"},
    ],
)
async def test_what_is_wrong_before_the_client_is_known_is_shown_and_sent_nowhere(
    browser: Mapping[str, str], partner: Application, changes: Mapping[str, str | None]
) -> None:
    for headers in (browser, NOBODY):
        shown = await partner.authorize(headers, **changes)
        assert shown.status_code == 400
        assert "location" not in shown.headers
        assert "evil" not in shown.text
        assert "text/html" in shown.headers["content-type"]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "code_challenge"])
async def test_a_parameter_that_is_given_twice_is_shown_and_sent_nowhere(
    browser: Mapping[str, str], partner: Application, name: str
) -> None:
    query = as_query(partner.query()) + f"&{name}=https%3A%2F%2Fevil.example"
    shown = await partner.http.get(f"/oauth/authorize?{query}", headers=browser)
    assert shown.status_code == 400
    assert "location" not in shown.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "roles.grant"}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"claims": "{}"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"nonce": "n" * 1025}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
async def test_what_is_wrong_afterwards_is_told_to_the_client(
    browser: Mapping[str, str], partner: Application, changes: Mapping[str, str | None], error: str
) -> None:
    answer = await partner.authorize(browser, **changes)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(CALLBACK + "?")
    told = query_of(answer.headers["location"])
    assert (told["error"], told["state"], told["iss"]) == (error, "state-1", ISSUER)


async def test_whoever_is_not_signed_in_is_asked_to_and_can_come_back(
    engine: AsyncEngine, clock: MovableClock, robin: str, partner: Application
) -> None:
    halted = await partner.authorize(NOBODY)
    assert halted.status_code == 401
    assert "Sign in first" in halted.text
    silent = await partner.authorize(NOBODY, prompt="none")
    assert query_of(silent.headers["location"])["error"] == "login_required"
    assert (await partner.authorize(await sign_in(engine, clock, robin))).status_code == 303


async def test_the_programs_own_application_is_not_asked_about(
    browser: Mapping[str, str], phone: Application
) -> None:
    answer = await phone.authorize(browser)
    assert answer.headers["location"].startswith(PHONE_CALLBACK + "?code=")


@pytest.mark.parametrize("uri", ["app.cardwright.test:/signed-in", "http://127.0.0.1:51004/signed-in"])
async def test_what_any_application_could_pose_as_is_asked_about(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], phone: Application, uri: str
) -> None:
    await a_phone_client(engine, clock, ("app.cardwright.test:/signed-in", "http://127.0.0.1/signed-in"))
    phone.redirect_uri = uri
    assert "/oauth/consent/" in (await phone.authorize(browser)).headers["location"]
    silent = query_of((await phone.authorize(browser, prompt="none")).headers["location"])
    assert silent["error"] == "consent_required"
    assert (await phone.exchange(await phone.code(browser))).status_code == 200


async def test_the_page_of_consent_runs_nothing_and_is_framed_by_nobody(
    browser: Mapping[str, str], partner: Application
) -> None:
    asked = (await partner.authorize(browser)).headers["location"]
    page = await partner.http.get(asked, headers=browser)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self' https://partner.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Tally Accounting" in page.text
    assert "see your e-mail address" in page.text
    assert "<script" not in page.text


async def test_a_clients_name_is_text_on_the_page(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], client: httpx.AsyncClient
) -> None:
    made = await registered(engine, clock, name="<script>alert(1)</script>")
    mallory = Application(client, clock, made.client.id, CALLBACK, basic(made))
    asked = (await mallory.authorize(browser)).headers["location"]
    page = await client.get(asked, headers=browser)
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


async def test_a_no_goes_back_to_the_client(browser: Mapping[str, str], partner: Application) -> None:
    asked = (await partner.authorize(browser)).headers["location"]
    said = await partner.http.post(asked, data={"decision": "refused"}, headers=browser)
    assert query_of(said.headers["location"])["error"] == "access_denied"


async def test_consent_in_json_goes_the_same_way(
    client: httpx.AsyncClient, browser: Mapping[str, str], partner: Application
) -> None:
    asked = (await partner.authorize(browser)).headers["location"].rpartition("/")[2]
    shown = (await client.get(f"/v1/oauth/interactions/{asked}", headers=browser)).json()
    assert (shown["client_name"], shown["redirect_uri"]) == ("Tally Accounting", CALLBACK)
    said = await client.post(
        f"/v1/oauth/interactions/{asked}", json={"decision": "approved"}, headers=browser
    )
    code = query_of(said.json()["redirect_to"])["code"]
    assert (await partner.exchange(code)).status_code == 200


async def test_one_question_is_answered_once(browser: Mapping[str, str], partner: Application) -> None:
    asked = (await partner.authorize(browser)).headers["location"]
    first = await partner.http.post(asked, data={"decision": "approved"}, headers=browser)
    again = await partner.http.post(asked, data={"decision": "approved"}, headers=browser)
    assert (first.status_code, again.status_code) == (303, 404)
    assert "location" not in again.headers


async def test_nobody_answers_for_another_browser_or_from_another_site(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, browser: Mapping[str, str],
    robin: str, partner: Application,
) -> None:  # fmt: skip
    asked = (await partner.authorize(browser)).headers["location"]
    mallory = await a_person(engine, clock, "mallory@example.com")
    cookie = {"Cookie": browser["Cookie"]}
    attempts = {
        "another person": await sign_in(engine, clock, mallory),
        "another browser of the same person": await sign_in(engine, clock, robin),
        "nobody": {"Sec-Fetch-Site": "same-origin"},
        "another site": {**cookie, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        "a sibling site": {**cookie, "Sec-Fetch-Site": "same-site"},
        "a browser that says nothing": cookie,
        "a sandboxed frame": {**cookie, "Origin": "null"},
    }
    for name, headers in attempts.items():
        said = await client.post(asked, data={"decision": "approved"}, headers=headers)
        assert said.status_code in {401, 403, 404}, name
        assert "location" not in said.headers, name
    assert (await client.post(asked, data={"decision": "approved"}, headers=browser)).status_code == 303


async def test_a_question_waits_for_ten_minutes(
    clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    asked = (await partner.authorize(browser)).headers["location"]
    clock.advance(timedelta(minutes=10))
    said = await partner.http.post(asked, data={"decision": "approved"}, headers=browser)
    assert said.status_code == 404


async def test_a_client_that_needs_a_fresh_sign_in_gets_one(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], phone: Application, robin: str
) -> None:
    clock.advance(timedelta(minutes=10))
    for wish in ({"max_age": "300"}, {"max_age": "0"}, {"prompt": "login"}):
        assert (await phone.authorize(browser, **wish)).status_code == 401
    silent = await phone.authorize(browser, prompt="none", max_age="300")
    assert query_of(silent.headers["location"])["error"] == "login_required"
    fresh = await sign_in(engine, clock, robin)
    assert (await phone.authorize(fresh, prompt="login")).status_code == 303


async def test_a_client_that_needs_two_factors_gets_them_and_its_token_may_step_up(
    engine: AsyncEngine, clock: MovableClock, robin: str, phone: Application
) -> None:
    opened = await opened_for(engine, clock, robin)
    weak = headers_of(opened.secret.reveal())
    assert (await phone.authorize(weak, acr_values="aal2")).status_code == 401
    silent = await phone.authorize(weak, acr_values="aal2", prompt="none")
    assert query_of(silent.headers["location"])["error"] == "unmet_authentication_requirements"
    clock.advance(timedelta(minutes=1))
    async with transaction(engine) as session:
        strong = await strengthen_session(session, opened.session.id, method="otp", at=clock.now())
    tokens = await phone.tokens(headers_of(strong.secret.reveal()), acr_values="aal2")
    claims = claims_in(tokens["id_token"])
    assert (claims["acr"], sorted(claims["amr"])) == ("aal2", ["otp", "pwd"])
    assert claims["auth_time"] == int(clock.now().timestamp())


async def test_scopes_beyond_the_persons_roles_are_not_granted(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], client: httpx.AsyncClient
) -> None:
    made = await registered(engine, clock, scopes=("openid", "ledger.read", "account.read"))
    greedy = Application(client, clock, made.client.id, CALLBACK, basic(made))
    tokens = await greedy.tokens(browser, scope="openid ledger.read account.read")
    assert tokens["scope"] == "account.read openid"
    nothing = query_of((await greedy.authorize(browser, scope="ledger.read")).headers["location"])
    assert nothing["error"] == "invalid_scope"
