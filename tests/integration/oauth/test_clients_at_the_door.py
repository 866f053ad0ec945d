"""How clients prove themselves, what they push, and what they may do for themselves."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import ISSUER
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.oauth import AuthMethod
from cardwright.oauth.clients import Registered
from cardwright.oauth.server import OAuthLimits
from integration.oauth.scene import (
    CALLBACK,
    Application,
    a_machine,
    assertion,
    basic,
    claims_in,
    credentials,
    query_of,
    registered,
)

KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")
CREDENTIALS = {"grant_type": "client_credentials"}


def public(key: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


async def a_machine_with_a_key(engine: AsyncEngine, clock: MovableClock) -> Registered:
    return await a_machine(engine, clock, auth_method=AuthMethod.PRIVATE_KEY, key_set={"keys": [public(KEY)]})


async def ask(client: httpx.AsyncClient, form: Mapping[str, str], **options: Any) -> httpx.Response:
    return await client.post("/oauth/token", data={**CREDENTIALS, **form}, **options)


async def test_a_secret_opens_only_what_it_belongs_to(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made, other = await a_machine(engine, clock), await a_machine(engine, clock)
    assert (await ask(client, {}, headers=basic(made))).status_code == 200
    wrong = {
        "another's secret": credentials(f"{made.client.id}:{other.secret}"),
        "no secret": credentials(f"{made.client.id}:"),
        "no colon": credentials(made.client.id),
        "the digest in place of the secret": credentials(f"{made.client.id}:{made.client.secret_hash}"),
        "an unknown client": credentials(f"client_unknown:{made.secret}"),
        "no base 64": {"Authorization": "Basic %%%"},
        "not UTF-8": {"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()},
    }
    for name, headers in wrong.items():
        refused = await ask(client, {}, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), name
        assert refused.headers["www-authenticate"].startswith("Basic"), name


async def test_an_unknown_client_and_a_wrong_secret_look_the_same(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made = await a_machine(engine, clock)
    answers = [
        await ask(client, {}, headers=credentials(f"{name}:nonsense"))
        for name in (made.client.id, "client_unknown")
    ]
    assert answers[0].json() == answers[1].json()
    assert {*answers[0].headers} == {*answers[1].headers}


async def test_a_client_proves_itself_in_its_own_way_and_in_one_only(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made, keyed = await a_machine(engine, clock), await a_machine_with_a_key(engine, clock)
    in_the_form = {"client_id": made.client.id, "client_secret": str(made.secret)}
    proven = assertion(keyed, KEY, clock.now())
    refusals = {
        "a secret in the form": await ask(client, in_the_form),
        "a name alone": await ask(client, {"client_id": made.client.id}),
        "a secret beside an assertion": await ask(client, proven, headers=basic(made)),
        "two names": await ask(client, {"client_id": keyed.client.id}, headers=basic(made)),
        "nothing": await ask(client, {}),
    }
    for name, refused in refusals.items():
        assert refused.status_code in {400, 401}, name
        assert refused.json()["error"] in {"invalid_client", "invalid_request"}, name
    assert (await ask(client, proven)).status_code == 200


Forge = Callable[[Registered, MovableClock], dict[str, str]]


def forged(key: Any = KEY, **changes: Any) -> Forge:
    return lambda made, clock: assertion(made, key, clock.now(), **changes)


def later(name: str, seconds: int) -> Forge:
    return lambda made, clock: assertion(
        made, KEY, clock.now(), **{name: int(clock.now().timestamp()) + seconds}
    )


def without_signature(made: Registered, clock: MovableClock) -> dict[str, str]:
    form = assertion(made, KEY, clock.now())
    return {**form, "client_assertion": form["client_assertion"].rpartition(".")[0] + "."}


ASSERTIONS: Mapping[str, Forge] = {
    "another key": forged(OTHER_KEY),
    "another key in the header": forged(OTHER_KEY, header={"jwk": OTHER_KEY.as_dict(private=False)}),
    "a key address": forged(OTHER_KEY, header={"jku": "https://evil.example/jwks"}),
    "an unknown kid": forged(header={"kid": "other"}),
    "another kind of key": forged(OKPKey.generate_key("Ed25519"), header={"alg": "Ed25519"}),
    "no signature": without_signature,
    "for another server": forged(aud="https://other.example"),
    "for the token endpoint only": forged(aud=f"{ISSUER}/oauth/token"),
    "for us and another": forged(aud=[ISSUER, "https://other.example"]),
    "by another client": forged(iss="client_other"),
    "about another client": forged(sub="client_other"),
    "about nobody": forged(sub=None),
    "expired": later("exp", 0),
    "good for too long": later("exp", 3600),
    "without expiry": forged(exp=None),
    "without an id": forged(jti=None),
    "issued in the future": later("iat", 60),
    "not good yet": later("nbf", 60),
}


async def test_no_forged_assertion_proves_a_client(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made = await a_machine_with_a_key(engine, clock)
    assert (await ask(client, assertion(made, KEY, clock.now()))).status_code == 200
    accepted = {
        name: answer.text
        for name, forge in ASSERTIONS.items()
        if (answer := await ask(client, forge(made, clock))).status_code != 401
    }
    assert accepted == {}


async def test_an_assertion_counts_once(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made = await a_machine_with_a_key(engine, clock)
    form = assertion(made, KEY, clock.now())
    answers = await asyncio.gather(*(ask(client, form) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9


async def test_a_machine_does_what_its_roles_permit_and_its_scopes_name(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made = await a_machine(engine, clock, (Role.SUPPORT,))
    answer = (await ask(client, {}, headers=basic(made))).json()
    assert answer["scope"] == "users.read"
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_in(answer["access_token"])
    assert claims["sub"] == claims["client_id"] == made.client.id
    assert "sid" not in claims
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert (await client.get("/v1/users", headers=bearer)).status_code == 200
    assert (await client.get("/v1/cards", headers=bearer)).status_code == 403
    too_much = await ask(client, {"scope": "roles.grant"}, headers=basic(made))
    assert too_much.json()["error"] == "invalid_scope"


async def test_a_machine_without_roles_is_no_cardholder(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made = await a_machine(engine, clock, (), scopes=("cards.read", "account.read"))
    assert (await ask(client, {}, headers=basic(made))).json()["error"] == "invalid_scope"


async def test_each_grant_is_for_those_who_are_registered_for_it(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, phone: Application,
    partner: Application,
) -> None:  # fmt: skip
    assert (await phone.token(**CREDENTIALS)).json()["error"] == "unauthorized_client"
    assert (await partner.token(**CREDENTIALS)).json()["error"] == "unauthorized_client"
    made = await a_machine(engine, clock)
    for kind in ("authorization_code", "refresh_token"):
        answer = await ask(client, {"grant_type": kind, "code": "x"}, headers=basic(made))
        assert answer.json()["error"] == "unauthorized_client"
    for kind in ("password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        answer = await partner.token(grant_type=kind, username="robin@example.com", password="secret")
        assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"grant_type=client_credentials", "application/json"),
        (b'{"grant_type":"client_credentials"}', "application/x-www-form-urlencoded"),
        (b"grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"grant_type=a%00b", "application/x-www-form-urlencoded"),
        (b"a=1&" * 60, "application/x-www-form-urlencoded"),
        (b"grant_type=" + b"a" * 40_000, "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_form_is_refused_as_oauth_refuses(
    partner: Application, body: bytes, kind: str
) -> None:
    headers = {**partner.credentials, "Content-Type": kind}
    for path in ("/oauth/token", "/oauth/par", "/oauth/revoke", "/oauth/introspect"):
        refused = await partner.http.post(path, content=body, headers=headers)
        assert refused.status_code == 400
        assert set(refused.json()) == {"error", "error_description"}
        assert refused.headers["content-type"] == "application/json"


async def test_one_client_at_one_address_may_ask_so_often(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient
) -> None:
    made, other = await a_machine(engine, clock), await a_machine(engine, clock)
    limit = int(OAuthLimits().push.partition("/")[0])
    answers = [
        await client.post("/oauth/par", data={"a": "b"}, headers=basic(made)) for _ in range(limit + 1)
    ]
    assert {answer.status_code for answer in answers[:-1]} == {400}
    assert (answers[-1].status_code, answers[-1].json()["error"]) == (429, "temporarily_unavailable")
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await client.post("/oauth/par", data={"a": "b"}, headers=basic(other))).status_code == 400


async def pushed(application: Application, **changes: str | None) -> httpx.Response:
    form = application.query(**changes)
    headers = dict(application.credentials)
    if application.is_public:
        headers["DPoP"] = application.proof("POST", f"{ISSUER}/oauth/par")
    return await application.http.post("/oauth/par", data=form, headers=headers)


async def bring(
    application: Application, browser: Mapping[str, str], request_uri: str, **changes: str
) -> httpx.Response:
    query = {"client_id": application.client_id, "request_uri": request_uri, **changes}
    return await application.http.get("/oauth/authorize", params=query, headers=browser)


async def test_a_pushed_request_is_used_once_and_nothing_in_the_browser_changes_it(
    browser: Mapping[str, str], phone: Application
) -> None:
    answer = (await pushed(phone)).json()
    assert answer["expires_in"] == 300
    evil = {"redirect_uri": "https://evil.example/", "state": "evil", "scope": "openid"}
    brought = await bring(phone, browser, answer["request_uri"], **evil)
    assert brought.headers["location"].startswith(phone.redirect_uri)
    told = query_of(brought.headers["location"])
    assert told["state"] == "state-1"
    assert (await phone.exchange(told["code"])).json()["scope"].count(" ") > 3
    again = await bring(phone, browser, answer["request_uri"])
    assert again.status_code == 400
    assert "location" not in again.headers


async def test_a_pushed_request_waits_for_a_sign_in_but_not_for_long(
    clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    request_uri = (await pushed(phone)).json()["request_uri"]
    assert (await bring(phone, {}, request_uri)).status_code == 401
    assert (await bring(phone, browser, request_uri)).status_code == 303
    late = (await pushed(phone)).json()["request_uri"]
    clock.advance(timedelta(minutes=5))
    assert (await bring(phone, browser, late)).status_code == 400


async def test_of_many_browsers_with_one_pushed_request_one_gets_a_code(
    browser: Mapping[str, str], phone: Application
) -> None:
    request_uri = (await pushed(phone)).json()["request_uri"]
    answers = await asyncio.gather(*(bring(phone, browser, request_uri) for _ in range(10)))
    codes = [answer for answer in answers if "code=" in answer.headers.get("location", "")]
    assert len(codes) == 1


async def test_another_client_cannot_use_a_pushed_request(
    browser: Mapping[str, str], phone: Application, partner: Application
) -> None:
    request_uri = (await pushed(phone)).json()["request_uri"]
    assert (await bring(partner, browser, request_uri)).status_code == 400
    assert (await bring(phone, browser, request_uri)).status_code == 303


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "roles.grant"}, "invalid_scope"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"dpop_jkt": "x" * 43}, "invalid_request"),
    ],
)
async def test_a_request_is_judged_when_it_is_pushed(
    phone: Application, changes: Mapping[str, str], error: str
) -> None:
    refused = await pushed(phone, **changes)
    assert (refused.status_code, refused.json()["error"]) == (400, error)


async def test_a_client_that_must_push_gets_nowhere_without(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], client: httpx.AsyncClient
) -> None:
    made = await registered(engine, clock, requires_push=True)
    careful = Application(client, clock, made.client.id, CALLBACK, basic(made))
    refused = query_of((await careful.authorize(browser)).headers["location"])
    assert refused["error"] == "invalid_request"
    request_uri = (await pushed(careful)).json()["request_uri"]
    assert "/oauth/consent/" in (await bring(careful, browser, request_uri)).headers["location"]


async def test_a_pushed_request_binds_its_code_to_the_key_of_its_proof(
    client: httpx.AsyncClient, clock: MovableClock, browser: Mapping[str, str], phone: Application
) -> None:
    request_uri = (await pushed(phone)).json()["request_uri"]
    code = query_of((await bring(phone, browser, request_uri)).headers["location"])["code"]
    thief = Application(client, clock, phone.client_id, phone.redirect_uri, verifier=phone.verifier)
    assert (await thief.exchange(code)).json()["error"] == "invalid_grant"
