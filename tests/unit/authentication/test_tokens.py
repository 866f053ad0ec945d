"""Access tokens: what ours say, and a corpus of forgeries of which none is accepted."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cardwright.authentication.tokens import (
    ACCESS_LIFETIME,
    AccessClaims,
    TokenSigner,
    new_refresh_token,
    refresh_token_hash,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from cardwright.core.errors import Unauthenticated
from cardwright.core.sensitive import Sensitive

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = OKPKey.generate_key("Ed25519")
OTHER_KEY = OKPKey.generate_key("Ed25519")
ISSUER, AUDIENCE = "https://cardwright.example", "cardwright-api"
KID = KEY.thumbprint()


def signer_of(key: OKPKey, **settings: str) -> TokenSigner:
    pem = key.as_pem(private=True).decode()
    return TokenSigner(Sensitive(pem), **{"issuer": ISSUER, "audience": AUDIENCE, **settings})


SIGNER = signer_of(KEY)


def genuine() -> str:
    return SIGNER.issue(user_id="user_1", session_id="ses_1", at=NOW).text


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    return json.loads(urlsafe_b64decode(header + "==")), json.loads(urlsafe_b64decode(payload + "=="))


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(
    *, header: Mapping[str, Any] = {}, claims: Mapping[str, Any] = {}, without: str = "", key: Key = KEY
) -> str:
    """Sign like the server does, with some of the header or the claims changed or left out."""
    good_header, good_claims = parts(genuine())
    made_header = {**good_header, **header}
    made = {name: value for name, value in {**good_claims, **claims}.items() if name != without}
    return jwt.encode(made_header, made, key, algorithms=[made_header["alg"]])


def unsigned(algorithm: str) -> str:
    header, claims = parts(genuine())
    return f"{encoded({**header, 'alg': algorithm})}.{encoded(claims)}."


def with_claim_changed_after_signing() -> str:
    header, payload, signature = genuine().split(".")
    claims = {**parts(genuine())[1], "sub": "user_2"}
    assert payload != encoded(claims)
    return f"{header}.{encoded(claims)}.{signature}"


def with_unknown_critical_header() -> str:
    header, claims = parts(genuine())
    message = f"{encoded({**header, 'crit': ['x5u-less'], 'x5u-less': 1})}.{encoded(claims)}"
    private = KEY.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return f"{message}.{encoded(private.sign(message.encode()))}"


def with_embedded_key() -> str:
    return signed(header={"jwk": OTHER_KEY.as_dict(private=False)}, key=OTHER_KEY)


def confused_with_hmac(secret: bytes) -> str:
    header, claims = parts(genuine())
    message = f"{encoded({**header, 'alg': 'HS256'})}.{encoded(claims)}"
    return f"{message}.{encoded(hmac.digest(secret, message.encode(), 'sha256'))}"


def raw_public_key() -> bytes:
    return urlsafe_b64decode(str(KEY.as_dict(private=False)["x"]) + "==")


def nested_header() -> str:
    return f"{encoded(b'[' * 1200)}.{encoded({})}.{encoded(b'x' * 64)}"


FORGERIES: Mapping[str, Callable[[], str]] = {
    "alg none": lambda: unsigned("none"),
    "alg None": lambda: unsigned("None"),
    "signature removed": lambda: genuine().rsplit(".", 1)[0] + ".",
    "HMAC with our public PEM": lambda: confused_with_hmac(KEY.as_pem(private=False)),
    "HMAC with our raw public key": lambda: confused_with_hmac(raw_public_key()),
    "RSA": lambda: signed(header={"alg": "RS256"}, key=RSAKey.generate_key(2048)),
    "ECDSA": lambda: signed(header={"alg": "ES256"}, key=ECKey.generate_key("P-256")),
    "the deprecated name of the algorithm": lambda: signed(header={"alg": "EdDSA"}),
    "another key": lambda: signed(key=OTHER_KEY),
    "another key and its kid": lambda: (
        signer_of(OTHER_KEY).issue(user_id="user_1", session_id="ses_1", at=NOW).text
    ),
    "a key in the header": with_embedded_key,
    "a key address in the header": lambda: signed(header={"jku": "https://evil.example/jwks"}, key=OTHER_KEY),
    "kid of a file": lambda: signed(header={"kid": "../../../dev/null"}),
    "kid of SQL": lambda: signed(header={"kid": "' OR 1=1 --"}),
    "typ of an id token": lambda: signed(header={"typ": "JWT"}),
    "unknown critical header": with_unknown_critical_header,
    "wrong issuer": lambda: signed(claims={"iss": "https://evil.example"}),
    "wrong audience": lambda: signed(claims={"aud": "another-api"}),
    "list of wrong audiences": lambda: signed(claims={"aud": ["another-api", "third-api"]}),
    "wrong client": lambda: signed(claims={"client_id": "partner"}),
    "expired": lambda: signed(claims={"exp": int(NOW.timestamp())}),
    "expiry as text": lambda: signed(claims={"exp": "9999999999"}),
    "expiry never": lambda: signed(claims={"exp": None}),
    "issued in the future": lambda: signed(claims={"iat": int(NOW.timestamp()) + 60}),
    "not valid yet": lambda: signed(claims={"nbf": int(NOW.timestamp()) + 60}),
    "subject of another type": lambda: signed(claims={"sub": 7}),
    "session of another type": lambda: signed(claims={"sid": ["ses_1"]}),
    "claims changed after signing": with_claim_changed_after_signing,
    "truncated": lambda: genuine()[:-4],
    "empty": lambda: "",
    "two dots": lambda: "..",
    "not base64": lambda: "a.b.c",
    "deep header": nested_header,
    "padded to megabytes": lambda: genuine() + "A" * 2_000_000,
    "not ASCII": lambda: genuine() + "é",
    "encrypted": lambda: genuine() + ".x.y",
    **{
        f"without {claim}": partial(signed, without=claim)
        for claim in ("iss", "aud", "exp", "iat", "sub", "client_id", "jti", "sid")
    },
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused(name: str) -> None:
    forged = FORGERIES[name]()
    with pytest.raises(Unauthenticated) as caught:
        SIGNER.verify(forged, at=NOW)
    assert caught.value.code == "token_invalid"


def test_the_corpus_starts_from_a_token_that_is_accepted() -> None:
    assert SIGNER.verify(signed(), at=NOW) == AccessClaims("user_1", "ses_1")


@pytest.mark.parametrize("payload", [b"[]", b"null", b'"text"', b"\xff", b"{", b'{"exp":NaN}', b"[" * 900])
def test_a_payload_that_is_no_object_is_refused_even_when_signed(payload: bytes) -> None:
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": KID}
    forged = jws.serialize_compact(header, payload, KEY, algorithms=["Ed25519"])
    with pytest.raises(Unauthenticated):
        SIGNER.verify(forged, at=NOW)


@given(st.text(max_size=300), st.integers(0, 2))
def test_no_text_breaks_the_verifier(junk: str, position: int) -> None:
    fields = genuine().split(".")
    fields[position] = junk
    for forged in (junk, ".".join(fields)):
        with pytest.raises(Unauthenticated):
            SIGNER.verify(forged, at=NOW)


def test_a_token_says_what_the_profile_asks_for() -> None:
    token = SIGNER.issue(user_id="user_1", session_id="ses_1", at=NOW)
    header, claims = parts(token.text)
    assert header == {"alg": "Ed25519", "typ": "at+jwt", "kid": KID}
    jti = claims.pop("jti")
    assert jti.startswith("jti_")
    assert claims == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user_1",
        "sid": "ses_1",
        "client_id": "cardwright",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 600,
    }
    assert token.expires_in_seconds == 600
    assert token.text not in repr(token)


def test_a_token_is_good_for_ten_minutes_and_no_second_longer() -> None:
    token = genuine()
    assert SIGNER.verify(token, at=NOW + ACCESS_LIFETIME - timedelta(seconds=1)).user_id == "user_1"
    with pytest.raises(Unauthenticated):
        SIGNER.verify(token, at=NOW + ACCESS_LIFETIME)


def test_a_clock_that_lags_a_little_behind_the_issuer_accepts_the_token() -> None:
    assert SIGNER.verify(genuine(), at=NOW - timedelta(seconds=5)).user_id == "user_1"
    with pytest.raises(Unauthenticated):
        SIGNER.verify(genuine(), at=NOW - timedelta(seconds=7))


def test_tokens_of_another_deployment_are_refused() -> None:
    for other in (signer_of(KEY, issuer="https://other.example"), signer_of(KEY, audience="other-api")):
        with pytest.raises(Unauthenticated):
            other.verify(genuine(), at=NOW)


def test_the_key_set_holds_the_public_key_alone_and_verifies_our_tokens() -> None:
    (published,) = SIGNER.key_set()["keys"]
    assert set(published) == {"kty", "crv", "x", "kid", "use", "alg"}
    key = OKPKey.import_key(published)
    assert jwt.decode(genuine(), key, algorithms=["Ed25519"]).claims["sub"] == "user_1"


def test_only_a_private_ed25519_key_signs() -> None:
    for key, private in ((OKPKey.generate_key("X25519"), True), (KEY, False)):
        pem = key.as_pem(private=private).decode()
        with pytest.raises(ValueError, match="Ed25519"):
            TokenSigner(Sensitive(pem), issuer=ISSUER, audience=AUDIENCE)


def test_refresh_tokens_have_256_bits_and_are_stored_as_a_digest() -> None:
    tokens = {new_refresh_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    assert all(
        len(refresh_token_hash(token)) == 64 and token not in refresh_token_hash(token) for token in tokens
    )
