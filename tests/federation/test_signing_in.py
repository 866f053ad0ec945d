"""Signing in with an independent OpenID provider, run by node: oidc-provider."""

import asyncio
from urllib.parse import parse_qs, urlsplit

from cardwright.authentication import create_verified_identity
from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from cardwright.programs import Program
from federation.conftest import VISIT, Browser, World
from running_provider import consent_at, refuse_at

PASSWORD = "correct horse battery staple"


async def with_password(world: World, email: str) -> Browser:
    """The browser of somebody who has an account, and signed in to it with its password."""
    async with transaction(world.engine) as session:
        program = world.provided[Program]
        await create_verified_identity(session, email, PASSWORD, program.id, SystemClock().now())
    browser = world.browser()
    answer = await browser.send("POST", "/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    return browser


async def test_the_providers_are_listed_for_everybody(world: World) -> None:
    answer = await world.client.get("/v1/auth/providers")
    assert answer.json()["data"] == [{"id": "example", "name": "Example"}, {"id": "other", "name": "Other"}]


async def test_the_browser_goes_with_pkce_state_and_nonce_and_the_secret_stays_in_its_cookie(
    world: World, provider: str
) -> None:
    browser = world.browser()
    url = await browser.depart()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{provider}/auth?")
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) == 43
    assert len({asked[name] for name in ("state", "nonce", "code_challenge")}) == 3
    assert browser.cookies[VISIT] not in url
    (row,) = await world.scalars("SELECT row_to_json(a)::text FROM federation_attempts a")
    for secret in (browser.cookies[VISIT], asked["state"], asked["nonce"]):
        assert secret not in row
    assert await browser.depart() != url


async def test_somebody_new_joins_and_is_the_same_person_the_next_time(world: World) -> None:
    browser, again = world.browser(), world.browser()
    assert await browser.sign_in_as("ada") == "outcome=signed_in"
    who = await browser.who()
    assert who is not None
    me = (await browser.send("GET", "/v1/me")).json()
    assert me["email"] == "ada@example.com"
    assert VISIT not in browser.cookies
    assert await again.sign_in_as("ada") == "outcome=signed_in"
    assert await again.who() == who
    assert await world.people() == 1
    (shown, _) = (await again.send("GET", "/v1/auth/sessions")).json()["data"]
    assert (shown["is_current"], shown["methods"]) == (True, ["fed"])
    actions = await world.scalars("SELECT action FROM audit_entries ORDER BY id")
    assert actions == ["identity.linked", "session.opened", "session.opened"]


async def test_a_password_opens_nothing_for_whoever_never_chose_one(world: World) -> None:
    assert await world.browser().sign_in_as("ada") == "outcome=signed_in"
    for password in ("", " ", "None", PASSWORD):
        body = {"email": "ada@example.com", "password": password}
        answer = await world.client.post("/v1/auth/sign-in", json=body)
        assert answer.status_code in {401, 422}


async def test_nobody_joins_without_a_proven_address(world: World) -> None:
    for login in ("unproven", "says-yes", "nameless"):
        browser = world.browser()
        assert await browser.sign_in_as(login) == "error=email_unproven"
        assert not browser.is_signed_in
    assert await world.people() == 0


async def test_an_address_that_somebody_has_links_nothing_by_itself(world: World) -> None:
    owner = await with_password(world, "ada@example.com")
    for login in ("ada", "ada-elsewhere"):
        browser = world.browser()
        assert await browser.sign_in_as(login) == "error=account_exists"
        assert not browser.is_signed_in
    assert (await owner.send("GET", "/v1/auth/linked-identities")).json() == {"data": []}
    assert await owner.link("ada") == "outcome=linked"
    stranger = world.browser()
    assert await stranger.sign_in_as("ada") == "outcome=signed_in"
    assert await stranger.who() == await owner.who()


async def test_a_registration_that_nobody_proved_gives_way_to_the_addresss_owner(world: World) -> None:
    body = {"email": "ada@example.com", "password": "a long password of the attacker"}
    registered = await world.client.post("/v1/auth/register", json=body, headers={"Idempotency-Key": "k"})
    assert registered.status_code == 202
    browser = world.browser()
    assert await browser.sign_in_as("ada") == "outcome=signed_in"
    assert (await world.client.post("/v1/auth/sign-in", json=body)).status_code == 401
    waiting = "SELECT id FROM email_verifications WHERE pending_password_hash IS NOT NULL"
    assert await world.scalars(waiting) == []


async def test_first_sign_ins_at_once_make_one_person(world: World) -> None:
    browsers = [world.browser() for _ in range(6)]
    urls = [await consent_at(await browser.depart(), "ada") for browser in browsers]
    told = await asyncio.gather(
        *(browser.come_back(url) for browser, url in zip(browsers, urls, strict=True))
    )
    assert set(told) == {"outcome=signed_in"}
    assert len({await browser.who() for browser in browsers}) == 1
    assert await world.people() == 1


async def test_signing_in_replaces_the_session_that_the_browser_had(world: World) -> None:
    browser = await with_password(world, "grace@example.com")
    before = Browser(world.client, dict(browser.cookies))
    assert await browser.sign_in_as("ada") == "outcome=signed_in"
    assert await before.who() is None
    assert await browser.who() is not None


async def test_whoever_turns_back_at_the_provider_is_told_so_and_is_not_signed_in(world: World) -> None:
    browser = world.browser()
    assert await browser.come_back(await refuse_at(await browser.depart())) == "error=provider_refused"
    assert (browser.is_signed_in, await world.people()) == (False, 0)


async def test_another_site_sends_nobody_to_a_provider(world: World) -> None:
    answer = await world.client.post(
        "/v1/auth/providers/example/sign-in", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_refused")
    assert "set-cookie" not in answer.headers


async def test_a_provider_that_nobody_set_up_is_unknown(world: World) -> None:
    answer = await world.client.post("/v1/auth/providers/nobody/sign-in")
    assert (answer.status_code, answer.json()["code"]) == (404, "provider_unknown")
    assert await world.browser().come_back("/v1/auth/providers/nobody/callback?code=1&state=2") == (
        "error=provider_unknown"
    )
