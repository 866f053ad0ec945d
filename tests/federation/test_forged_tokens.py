"""A provider, or whoever speaks in its name, sends id tokens that prove nothing: none of them signs in."""

import socket
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from cardwright.adapters.openid import OpenIdConnectProvider
from cardwright.authentication import OpenIdProviders
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from federation.conftest import World, make_world
from federation.liar import Forge, Liar, encoded, now, sign
from running_provider import CLIENT_ID, CLIENT_SECRET
from serving import serving

OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve"})
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "edwards"})


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Liar(f"http://127.0.0.1:{listener.getsockname()[1]}")
        async with serving(made.app(), listener):
            yield made


@pytest.fixture
async def world(engine: AsyncEngine, clock: SystemClock, liar: Liar) -> AsyncIterator[World]:
    async for made in make_world(engine, clock, liar.issuer):
        yield made


async def told(world: World, liar: Liar) -> str:
    """Return what our page is told after a visit to the liar; a refusal signs nobody in and makes nobody."""
    browser = world.browser()
    outcome = await browser.come_back(liar.answer_to(await browser.depart()))
    assert browser.is_signed_in == outcome.startswith("outcome=")
    assert browser.is_signed_in or await world.people() == 0
    return outcome


def without(name: str) -> Forge:
    return lambda liar, claims: liar.signed({key: value for key, value in claims.items() if key != name})


def saying(**changed: Any) -> Forge:
    return lambda liar, claims: liar.signed({**claims, **changed})


def unsigned(liar: Liar, claims: Mapping[str, Any]) -> str:
    return f"{encoded({'alg': 'none', 'kid': 'one'})}.{encoded(claims)}."


def stripped(liar: Liar, claims: Mapping[str, Any]) -> str:
    return liar.signed(claims).rpartition(".")[0] + "."


def by_our_secret(liar: Liar, claims: Mapping[str, Any]) -> str:
    return sign(OctKey.import_key(CLIENT_SECRET), claims, {"alg": "HS256", "kid": "one"})


def by_the_public_key_as_a_secret(liar: Liar, claims: Mapping[str, Any]) -> str:
    secret = OctKey.import_key(encoded(liar.key.as_dict(private=False)))
    return sign(secret, claims, {"alg": "HS256", "kid": "one"})


def by_a_key_it_brings_along(liar: Liar, claims: Mapping[str, Any]) -> str:
    public = OTHER_KEY.as_dict(private=False)
    return sign(
        OTHER_KEY, claims, {"alg": "RS256", "kid": "one", "jwk": public, "jku": f"{liar.issuer}/jwks"}
    )


def changed_afterwards(liar: Liar, claims: Mapping[str, Any]) -> str:
    head, _, signature = liar.signed(claims).split(".")
    return f"{head}.{encoded({**claims, 'sub': 'grace'})}.{signature}"


FORGERIES: Mapping[str, Forge] = {
    "unsigned": unsigned,
    "signature stripped": stripped,
    "signed with our secret": by_our_secret,
    "signed with the public key as a secret": by_the_public_key_as_a_secret,
    "signed with a key in the header": by_a_key_it_brings_along,
    "signed with another key": lambda _liar, claims: sign(OTHER_KEY, claims, {"alg": "RS256", "kid": "one"}),
    "key unknown": lambda liar, claims: liar.signed(claims, kid="two"),
    "key by a path": lambda liar, claims: liar.signed(claims, kid="../../jwks"),
    "algorithm not allowed": lambda liar, claims: liar.signed(claims, alg="RS512"),
    "algorithm of another kind of key": lambda _liar, claims: sign(
        CURVE, claims, {"alg": "ES256", "kid": "one"}
    ),
    "changed afterwards": changed_afterwards,
    "truncated": lambda liar, claims: liar.signed(claims)[:-20],
    "empty": lambda _liar, _claims: "",
    "absent": lambda _liar, _claims: None,
    "no token at all": lambda _liar, _claims: "a.b.c",
    "too long": lambda liar, claims: liar.signed({**claims, "more": "x" * 20_000}),
    "another browser's nonce": saying(nonce="x" * 43),
    "a nonce of another type": saying(nonce=["x"]),
    "no nonce": without("nonce"),
    "another audience": saying(aud="somebody-else"),
    "other audiences": saying(aud=["somebody-else", "one-more"]),
    "many audiences and nobody who asked": saying(aud=[CLIENT_ID, "somebody-else"]),
    "many audiences and somebody else who asked": saying(aud=[CLIENT_ID, "other"], azp="other"),
    "our audience and somebody else who asked": saying(azp="somebody-else"),
    "no audience": without("aud"),
    "another issuer": saying(iss="https://evil.example"),
    "an issuer with a slash more": lambda liar, claims: liar.signed({**claims, "iss": f"{liar.issuer}/"}),
    "no issuer": without("iss"),
    "expired": lambda liar, claims: liar.signed({**claims, "exp": now() - 31, "iat": now() - 331}),
    "never expiring": without("exp"),
    "an expiry in words": saying(exp="tomorrow"),
    "issued in the future": lambda liar, claims: liar.signed({**claims, "iat": now() + 120}),
    "issued long ago": lambda liar, claims: liar.signed({**claims, "iat": now() - 3600}),
    "never issued": without("iat"),
    "not valid yet": lambda liar, claims: liar.signed({**claims, "nbf": now() + 120}),
    "nobody": without("sub"),
    "an empty subject": saying(sub=""),
    "a subject that is a number": saying(sub=1),
    "a subject without end": saying(sub="x" * 256),
}


async def test_a_genuine_token_signs_in(world: World, liar: Liar) -> None:
    assert await told(world, liar) == "outcome=signed_in"
    liar.forge = saying(aud=[CLIENT_ID, "somebody-else"], azp=CLIENT_ID)
    assert await told(world, liar) == "outcome=signed_in"
    liar.forge = lambda made, claims: made.signed(claims, alg="PS256")
    assert await told(world, liar) == "outcome=signed_in"


async def test_no_forged_token_signs_anybody_in(world: World, liar: Liar) -> None:
    seen = {}
    for name, forge in FORGERIES.items():
        liar.forge = forge
        seen[name] = await told(world, liar)
    assert seen == dict.fromkeys(FORGERIES, "error=provider_refused")


async def test_a_key_is_good_for_its_own_algorithms_alone(world: World, liar: Liar) -> None:
    rsa = liar.key.as_dict(private=False)
    liar.published = [
        {**rsa, "alg": "PS256"}, CURVE.as_dict(private=False), EDWARDS.as_dict(private=False),
        {**rsa, "kid": "encrypts", "use": "enc"}, OctKey.import_key("s" * 32, {"kid": "secret"}).as_dict(),
    ]  # fmt: skip
    refused: list[tuple[Any, str, str]] = [
        (liar.key, "RS256", "one"), (liar.key, "RS256", "encrypts"), (CURVE, "ES256", "edwards"),
        (OctKey.import_key("s" * 32), "HS256", "secret"),
    ]  # fmt: skip
    for key, algorithm, kid in refused:
        liar.forge = lambda _liar, claims, key=key, header={"alg": algorithm, "kid": kid}: sign(
            key, claims, header
        )  # type: ignore[misc]
        assert await told(world, liar) == "error=provider_refused", (algorithm, kid)
    liar.forge = lambda made, claims: sign(made.key, claims, {"alg": "PS256"})
    assert await told(world, liar) == "error=provider_refused"
    for key, algorithm, kid in ((CURVE, "ES256", "curve"), (EDWARDS, "Ed25519", "edwards")):
        liar.forge = lambda _liar, claims, key=key, header={"alg": algorithm, "kid": kid}: sign(
            key, claims, header
        )  # type: ignore[misc]
        assert await told(world, liar) == "outcome=signed_in", algorithm


async def test_new_keys_of_a_provider_are_fetched_when_one_is_named(world: World, liar: Liar) -> None:
    assert await told(world, liar) == "outcome=signed_in"
    liar.key = RSAKey.generate_key(2048, {"kid": "two"})
    liar.forge = lambda made, claims: made.signed(claims, kid="two")
    browser = world.browser()
    # Not again within the minute, whoever sends names of keys.
    assert await browser.come_back(liar.answer_to(await browser.depart())) == "error=provider_refused"
    adapter: Any = world.provided[OpenIdProviders].by_id["example"]
    adapter._kept.since -= 61
    assert await browser.come_back(liar.answer_to(await browser.depart())) == "outcome=signed_in"


@pytest.mark.parametrize(
    ("part", "answer"),
    [
        ("discovery", JSONResponse({}, 500)), ("discovery", JSONResponse({}, 404)),
        ("discovery", PlainTextResponse("hello")), ("discovery", JSONResponse([])),
        ("discovery", RedirectResponse("https://evil.example/")),
        ("discovery", PlainTextResponse("[" * 100_000)),
        ("discovery", PlainTextResponse(" " * 300_000 + "{}")),
        ("keys", JSONResponse({})), ("keys", JSONResponse({"keys": 1})),
        ("keys", JSONResponse({"keys": [1]})),
        ("keys", JSONResponse({"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]})),
    ],
)  # fmt: skip
async def test_nobody_is_sent_to_a_provider_that_does_not_answer_as_it_should(
    world: World, liar: Liar, part: str, answer: Response
) -> None:
    liar.broken[part] = answer
    refused = await world.browser().send("POST", "/v1/auth/providers/example/sign-in")
    assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")
    assert "set-cookie" not in refused.headers
    assert await world.scalars("SELECT provider_id FROM federation_attempts") == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "http://localhost/jwks"}, {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "ftp://evil.example"},
    ],
)  # fmt: skip
async def test_a_discovery_document_of_another_issuer_or_without_tls_is_not_followed(
    world: World, liar: Liar, metadata: dict[str, Any]
) -> None:
    liar.metadata = metadata
    refused = await world.browser().send("POST", "/v1/auth/providers/example/sign-in")
    assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (JSONResponse({"error": "invalid_grant"}, 400), "error=provider_refused"),
        (JSONResponse({"error": "invalid_client"}, 401), "error=provider_refused"),
        (JSONResponse({}, 500), "error=provider_unavailable"),
        (PlainTextResponse("hello"), "error=provider_unavailable"),
    ],
)  # fmt: skip
async def test_a_code_that_is_not_exchanged_signs_nobody_in(
    world: World, liar: Liar, answer: Response, outcome: str
) -> None:
    liar.broken["token"] = answer
    assert await told(world, liar) == outcome


async def test_what_a_provider_publishes_is_kept_for_an_hour(world: World, liar: Liar) -> None:
    assert await told(world, liar) == "outcome=signed_in"
    liar.broken = {"discovery": JSONResponse({}, 500), "keys": JSONResponse({}, 500)}
    assert await told(world, liar) == "outcome=signed_in"
    adapter: Any = world.provided[OpenIdProviders].by_id["example"]
    adapter._kept.since -= 3601
    refused = await world.browser().send("POST", "/v1/auth/providers/example/sign-in")
    assert refused.status_code == 503


@pytest.mark.parametrize(
    ("issuer", "accepts_loopback"),
    [
        ("http://127.0.0.1:1", False), ("http://provider.example", True), ("http://localhost:1", True),
        ("http://127.0.0.1.evil.example", True), ("ftp://127.0.0.1", True), ("provider.example", True),
    ],
)  # fmt: skip
def test_an_issuer_is_reached_by_tls_or_is_a_demonstrations_on_this_machine(
    issuer: str, *, accepts_loopback: bool
) -> None:
    with pytest.raises(ValueError, match="https"):
        OpenIdConnectProvider("n", issuer, "c", Sensitive("s"), accepts_loopback=accepts_loopback)


async def test_a_token_is_judged_by_the_time_it_comes(engine: AsyncEngine, liar: Liar) -> None:
    class Slow(SystemClock):
        def now(self) -> datetime:
            return datetime.now(tz=UTC) + timedelta(minutes=6)

    async for made in make_world(engine, Slow(), liar.issuer):
        assert await told(made, liar) == "error=provider_refused"
