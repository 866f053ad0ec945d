"""What opens the API: tokens of living grants with their keys; and a corpus of forgeries that never do."""

import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import ISSUER
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.oauth.clients import disable_client
from cardwright.oauth.store.keys import KeyState
from integration.kyc.people import the_program
from integration.oauth.forging import encoded, parts, server_key, signed_again
from integration.oauth.scene import Application, a_machine, basic, claims_in, registered

ME = "/v1/me"
OTHER_KEY = OKPKey.generate_key("Ed25519")
Forge = Callable[[str, OKPKey, int], str]


def unsigned(algorithm: str) -> Forge:
    def forge(token: str, key: OKPKey, now: int) -> str:
        header, claims = parts(token)
        return f"{encoded({**header, 'alg': algorithm})}.{encoded(claims)}."

    return forge


def confused(secret_of: Callable[[OKPKey], bytes]) -> Forge:
    def forge(token: str, key: OKPKey, now: int) -> str:
        header, claims = parts(token)
        message = f"{encoded({**header, 'alg': 'HS256'})}.{encoded(claims)}"
        return f"{message}.{encoded(hmac.digest(secret_of(key), message.encode(), 'sha256'))}"

    return forge


def changed(**wishes: Any) -> Forge:
    return lambda token, key, *_: signed_again(token, key, **wishes)


def changed_at(name: str, seconds: int) -> Forge:
    return lambda token, key, now: signed_again(token, key, claims={name: now + seconds})


def foreign(key: Any = OTHER_KEY, **header: Any) -> Forge:
    return lambda token, *_: signed_again(token, key, header=header)


def with_a_claim_changed_after_signing(token: str, key: OKPKey, now: int) -> str:
    header, payload, signature = token.split(".")
    claims = {**parts(token)[1], "sub": "user_2"}
    assert payload != encoded(claims)
    return f"{header}.{encoded(claims)}.{signature}"


FORGERIES: Mapping[str, Forge] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "signature removed": lambda token, *_: token.rsplit(".", 1)[0] + ".",
    "HMAC with our public PEM": confused(lambda key: key.as_pem(private=False)),
    "HMAC with our raw public key": confused(lambda key: str(key.as_dict(private=False)["x"]).encode()),
    "RSA": foreign(RSAKey.generate_key(2048), alg="RS256"),
    "ECDSA": foreign(ECKey.generate_key("P-256"), alg="ES256"),
    "the deprecated name of the algorithm": changed(header={"alg": "EdDSA"}),
    "another key": foreign(),
    "another key and its kid": foreign(kid=OTHER_KEY.thumbprint()),
    "a key in the header": foreign(jwk=OTHER_KEY.as_dict(private=False)),
    "a key address in the header": foreign(jku="https://evil.example/jwks"),
    "a certificate address in the header": foreign(x5u="https://evil.example/chain"),
    "kid of a file": changed(header={"kid": "../../../dev/null"}),
    "kid of SQL": changed(header={"kid": "' OR 1=1 --"}),
    "kid of another type": lambda token, *_: (
        f"{encoded({**parts(token)[0], 'kid': 7})}.{token.split('.', 1)[1]}"
    ),
    "typ of an id token": changed(header={"typ": "JWT"}),
    "typ of a proof": changed(header={"typ": "dpop+jwt"}),
    "wrong issuer": changed(claims={"iss": "https://evil.example"}),
    "wrong audience": changed(claims={"aud": "another-api"}),
    "one audience too many": changed(claims={"aud": [ISSUER, "another-api"]}),
    "expired": changed_at("exp", 0),
    "expiry as text": changed(claims={"exp": "9999999999"}),
    "expiry never": changed(claims={"exp": None}),
    "expiry truly": changed(claims={"exp": True}),
    "expiry beyond all time": changed(claims={"exp": 2**63}),
    "issued in the future": changed_at("iat", 60),
    "not good yet": changed_at("nbf", 60),
    "subject of another type": changed(claims={"sub": 7}),
    "somebody else's subject": changed(claims={"sub": "user_2"}),
    "somebody else's client": changed(claims={"client_id": "client_other"}),
    "a grant that does not exist": changed(claims={"grant_id": "grant_none"}),
    "more scopes than were granted": changed(claims={"scope": "account.read roles.grant"}),
    "bound to another key": changed(claims={"cnf": {"jkt": OTHER_KEY.thumbprint()}}),
    "bound to something unknown": changed(claims={"cnf": {"x5t#S256": "abc"}}),
    "a claim changed after signing": with_a_claim_changed_after_signing,
    "truncated": lambda token, *_: token[:-4],
    "two dots": lambda *_: "..",
    "not base64": lambda *_: "a.b.c",
    "deeply nested": lambda *_: f"{encoded(b'[' * 1200)}.{encoded({})}.{encoded(b'x' * 64)}",
    "padded": lambda token, *_: token + "A" * 20_000,
    "encrypted": lambda token, *_: token + ".x.y",
    **{
        f"without {claim}": changed(without=claim)
        for claim in ("iss", "aud", "exp", "iat", "sub", "client_id", "jti", "scope", "grant_id")
    },
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_no_forged_token_opens_anything(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    token = (await partner.tokens(browser))["access_token"]
    key, now = await server_key(engine, clock), int(clock.now().timestamp())
    assert (await partner.get(ME, signed_again(token, key))).status_code == 200, "the corpus starts from here"
    accepted = {}
    for name, forge in FORGERIES.items():
        answer = await partner.get(ME, forge(token, key, now))
        if answer.status_code != 401:
            accepted[name] = answer.status_code
    assert accepted == {}


async def test_a_token_says_what_the_profile_asks_for(
    clock: MovableClock, browser: Mapping[str, str], partner: Application, robin: str
) -> None:
    tokens = await partner.tokens(browser)
    header, claims = parts(tokens["access_token"])
    now = int(clock.now().timestamp())
    assert (header["alg"], header["typ"]) == ("Ed25519", "at+jwt")
    assert claims.pop("jti").startswith("jti_")
    assert claims.pop("sid").startswith("ses_")
    assert claims.pop("grant_id").startswith("grant_")
    assert claims == {
        "iss": ISSUER, "aud": ISSUER, "sub": robin, "client_id": partner.client_id, "iat": now,
        "exp": now + 600, "auth_time": now, "acr": "aal1", "scope": tokens["scope"],
    }  # fmt: skip
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)


async def test_an_id_token_opens_nothing(browser: Mapping[str, str], partner: Application) -> None:
    tokens = await partner.tokens(browser)
    assert (await partner.get(ME, tokens["id_token"])).status_code == 401
    assert (await partner.get("/oauth/userinfo", tokens["id_token"])).status_code == 401


async def test_a_token_is_good_for_ten_minutes_and_no_second_longer(
    clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    token = (await partner.tokens(browser))["access_token"]
    clock.advance(timedelta(seconds=599))
    assert (await partner.get(ME, token)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await partner.get(ME, token)).status_code == 401


async def test_a_token_does_what_its_scopes_name_and_nothing_else(
    browser: Mapping[str, str], partner: Application
) -> None:
    token = (await partner.tokens(browser, scope="cards.read"))["access_token"]
    assert (await partner.get("/v1/cards", token)).status_code == 200
    refused = await partner.get(ME, token)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")


async def test_a_bound_token_is_nothing_without_a_fresh_proof_of_its_key(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application
) -> None:
    token = (await phone.tokens(browser))["access_token"]
    assert claims_in(token)["cnf"] == {"jkt": phone.key.thumbprint()}
    assert (await phone.get(ME, token)).status_code == 200
    url, other = f"{ISSUER}{ME}", ECKey.generate_key("P-256")
    dpop = {"Authorization": f"DPoP {token}"}
    used = phone.proof("GET", url, token)
    assert (await phone.get(ME, token, proof=used)).status_code == 200
    attempts: dict[str, dict[str, str] | list[tuple[str, str]]] = {
        "as a bearer": {"Authorization": f"Bearer {token}"},
        "as a bearer with a proof": {
            "Authorization": f"Bearer {token}", "DPoP": phone.proof("GET", url, token),
        },
        "without a proof": dpop,
        "with a proof that was used": {**dpop, "DPoP": used},
        "with a proof of another key": {**dpop, "DPoP": phone.proof("GET", url, token, key=other)},
        "with a proof of no token": {**dpop, "DPoP": phone.proof("GET", url)},
        "with a proof for another route": {**dpop, "DPoP": phone.proof("GET", f"{url}/profile", token)},
        "with a proof for another method": {**dpop, "DPoP": phone.proof("PUT", url, token)},
        "with two proofs": [
            *dpop.items(), ("DPoP", phone.proof("GET", url, token)), ("DPoP", phone.proof("GET", url, token)),
        ],
        "twice": [*dpop.items(), *dpop.items(), ("DPoP", phone.proof("GET", url, token))],
    }  # fmt: skip
    opened = {
        name: answer.status_code
        for name, headers in attempts.items()
        if (answer := await client.get(ME, headers=headers)).status_code != 401
    }
    assert opened == {}
    challenged = await client.get(ME, headers=dpop)
    assert challenged.headers["www-authenticate"].startswith("DPoP")


async def test_a_proof_that_a_failing_request_used_is_used(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application
) -> None:
    token = (await phone.tokens(browser, scope="account.read"))["access_token"]
    headers = {"Authorization": f"DPoP {token}", "DPoP": phone.proof("GET", f"{ISSUER}/v1/cards", token)}
    assert (await client.get("/v1/cards", headers=headers)).status_code == 403
    assert (await client.get("/v1/cards", headers=headers)).status_code == 401


async def test_a_bearer_token_does_not_become_bound_by_a_proof(
    client: httpx.AsyncClient, browser: Mapping[str, str], partner: Application, phone: Application
) -> None:
    token = (await partner.tokens(browser))["access_token"]
    headers = {"Authorization": f"DPoP {token}", "DPoP": phone.proof("GET", f"{ISSUER}{ME}", token)}
    assert (await client.get(ME, headers=headers)).status_code == 401


async def test_a_confidential_client_may_bind_its_tokens_too(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, phone: Application
) -> None:
    made = await a_machine(engine, clock)
    headers = {**basic(made), "DPoP": phone.proof("POST", f"{ISSUER}/oauth/token")}
    answer = await client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
    token = answer.json()["access_token"]
    assert answer.json()["token_type"] == "DPoP"
    assert (await phone.get("/v1/users", token)).status_code == 200
    as_bearer = await client.get("/v1/users", headers={"Authorization": f"Bearer {token}"})
    assert as_bearer.status_code == 401


async def ended_by_signing_out(client: httpx.AsyncClient, browser: Mapping[str, str]) -> None:
    assert (await client.post("/v1/auth/sign-out", headers=browser)).status_code == 204


async def ended_by_its_owner(client: httpx.AsyncClient, browser: Mapping[str, str]) -> None:
    (found,) = (await client.get("/v1/oauth/connections", headers=browser)).json()["data"]
    ended = await client.delete(f"/v1/oauth/connections/{found['id']}", headers=browser)
    assert ended.status_code == 204


@pytest.mark.parametrize("end", [ended_by_signing_out, ended_by_its_owner])
async def test_what_ends_acts_on_the_next_request(
    client: httpx.AsyncClient, browser: Mapping[str, str], phone: Application,
    end: Callable[[httpx.AsyncClient, Mapping[str, str]], Any],
) -> None:  # fmt: skip
    tokens = await phone.tokens(browser)
    assert (await phone.get(ME, tokens["access_token"])).status_code == 200
    await end(client, browser)
    assert (await phone.get(ME, tokens["access_token"])).status_code == 401
    assert (await phone.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_client_that_is_disabled_is_out_at_once(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    tokens = await partner.tokens(browser)
    async with transaction(engine) as session:
        program = await the_program(session)
        await disable_client(
            session, partner.client_id, program_id=program.id, by="user_staff", at=clock.now()
        )
    assert (await partner.get(ME, tokens["access_token"])).status_code == 401
    assert (await partner.refresh(tokens["refresh_token"])).status_code == 401
    assert (await partner.authorize(browser)).status_code == 400


async def test_a_phone_goes_on_when_the_browser_fell_idle(
    clock: MovableClock, browser: Mapping[str, str], phone: Application, client: httpx.AsyncClient
) -> None:
    tokens = await phone.tokens(browser)
    for _ in range(3):
        clock.advance(timedelta(days=13))
        tokens = (await phone.refresh(tokens["refresh_token"])).json()
    assert (await client.get(ME, headers=browser)).status_code == 401
    assert (await phone.get(ME, tokens["access_token"])).status_code == 200


async def test_an_access_token_gives_no_consent_and_sees_no_page(
    client: httpx.AsyncClient, browser: Mapping[str, str], partner: Application
) -> None:
    token = (await partner.tokens(browser))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await partner.authorize(headers)).status_code == 401
    asked = (await partner.authorize(browser)).headers["location"].rpartition("/")[2]
    for made in (client.get, partial(client.post, json={"decision": "approved"})):
        answer = await made(f"/v1/oauth/interactions/{asked}", headers=headers)
        assert answer.status_code == 403


async def test_a_token_of_the_next_key_that_nobody_was_given_is_still_checked_for_its_grant(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    token = (await partner.tokens(browser))["access_token"]
    following = await server_key(engine, clock, KeyState.NEXT)
    header = {"kid": following.thumbprint()}
    made = signed_again(token, following, header=header, claims={"grant_id": "grant_none"})
    assert (await partner.get(ME, made)).status_code == 401


async def test_a_refresh_token_is_its_own_clients_alone(
    engine: AsyncEngine, clock: MovableClock, browser: Mapping[str, str], partner: Application
) -> None:
    other = await registered(engine, clock)
    stranger = Application(partner.http, clock, other.client.id, partner.redirect_uri, basic(other))
    tokens = await partner.tokens(browser)
    assert (await stranger.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await partner.refresh(tokens["refresh_token"])).status_code == 200
