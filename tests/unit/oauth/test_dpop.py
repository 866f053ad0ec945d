"""DPoP proofs: a corpus of those that show nothing, of which none is accepted."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from cardwright.oauth.dpop import read_proof
from cardwright.oauth.jose import NotGenuine

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://cardwright.example/v1/cards"
TOKEN = "an access token"
KEY = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")
RAW = OKPKey.generate_key("Ed25519")


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def proof(*, key: Key = KEY, header: Mapping[str, Any] = {}, without: str = "", **changes: Any) -> str:
    claims = {
        "jti": "one", "htm": "POST", "htu": URL, "iat": int(NOW.timestamp()),
        "ath": encoded(sha256(TOKEN.encode()).digest()), **changes,
    }  # fmt: skip
    claims = {name: value for name, value in claims.items() if name != without}
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False), **header}
    return jwt.encode(head, claims, key, algorithms=[str(head["alg"])])


def read(text: str, at: datetime = NOW) -> str:
    return read_proof(text, method="POST", url=URL, at=at, access_token=TOKEN).key_thumbprint


def unsigned(algorithm: str) -> str:
    head, payload, _ = proof().split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    return f"{encoded({**header, 'alg': algorithm})}.{payload}."


def confused_with_hmac() -> str:
    secret = KEY.as_pem(private=False)
    head = {"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": encoded(secret)}}
    message = f"{encoded(head)}.{proof().split('.')[1]}"
    return f"{message}.{encoded(hmac.digest(secret, message.encode(), 'sha256'))}"


def symmetric() -> str:
    key = OctKey.generate_key(256)
    head = {"typ": "dpop+jwt", "alg": "HS256", "jwk": key.as_dict(private=True)}
    return jwt.encode(head, {"jti": "one", "htm": "POST", "htu": URL}, key, algorithms=["HS256"])


def signed_raw(**header: Any) -> str:
    """Sign what no library would: with a header of any shape, None for a member that is left out."""
    head = {"typ": "dpop+jwt", "alg": "Ed25519", "jwk": RAW.as_dict(private=False), **header}
    head = {name: value for name, value in head.items() if value is not None}
    message = f"{encoded(head)}.{proof().split('.')[1]}"
    private = RAW.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return f"{message}.{encoded(private.sign(message.encode()))}"


REFUSED: Mapping[str, Callable[[], str]] = {
    "alg none": lambda: unsigned("none"),
    "signature removed": lambda: proof().rsplit(".", 1)[0] + ".",
    "HMAC with the public key": confused_with_hmac,
    "a symmetric key": symmetric,
    "a private key in the header": lambda: proof(header={"jwk": KEY.as_dict(private=True)}),
    "no key in the header": lambda: signed_raw(jwk=None),
    "somebody else's key in the header": lambda: proof(header={"jwk": OTHER.as_dict(private=False)}),
    "a key address in place of a key": lambda: signed_raw(jwk="https://evil.example/key"),
    "an elliptic curve too many": lambda: proof(
        key=(other := ECKey.generate_key("P-384")),
        header={"alg": "ES384", "jwk": other.as_dict(private=False)},
    ),
    "a short RSA key": lambda: proof(key=RSAKey.generate_key(1024), header={"alg": "PS256"}),
    "an RSA key": lambda: proof(key=RSAKey.generate_key(2048), header={"alg": "PS256"}),
    "an older RSA padding": lambda: proof(key=RSAKey.generate_key(2048), header={"alg": "RS256"}),
    "typ of an access token": lambda: proof(header={"typ": "at+jwt"}),
    "unknown critical header": lambda: signed_raw(crit=["x5u-less"], **{"x5u-less": 1}),
    "another method": lambda: proof(htm="GET"),
    "the method in small letters": lambda: proof(htm="post"),
    "another path": lambda: proof(htu="https://cardwright.example/v1/cards/1"),
    "another host": lambda: proof(htu="https://evil.example/v1/cards"),
    "another scheme": lambda: proof(htu="http://cardwright.example/v1/cards"),
    "another port": lambda: proof(htu="https://cardwright.example:8443/v1/cards"),
    "an address that is none": lambda: proof(htu="https://[cardwright.example/v1/cards"),
    "no address but a number": lambda: proof(htu=7),
    "another access token": lambda: proof(ath=encoded(sha256(b"another").digest())),
    "too old": lambda: proof(iat=int(NOW.timestamp()) - 61),
    "of the future": lambda: proof(iat=int(NOW.timestamp()) + 11),
    "made never": lambda: proof(iat="now"),
    "made truly": lambda: proof(iat=True),
    "made after all time": lambda: proof(iat=2**60),
    "expired": lambda: proof(exp=int(NOW.timestamp())),
    "for later": lambda: proof(nbf=int(NOW.timestamp()) + 60),
    "an id of another type": lambda: proof(jti=1),
    "an empty id": lambda: proof(jti=""),
    "a very long id": lambda: proof(jti="x" * 300),
    "truncated": lambda: proof()[:-4],
    "empty": lambda: "",
    "two dots": lambda: "..",
    "padded": lambda: proof() + "A" * 20_000,
    "two in one": lambda: f"{proof()}, {proof()}",
    **{f"without {name}": partial(proof, without=name) for name in ("jti", "htm", "htu", "iat", "ath")},
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_a_proof_that_shows_nothing_is_refused(name: str) -> None:
    text = REFUSED[name]()
    with pytest.raises(NotGenuine):
        read(text)


def test_the_corpus_starts_from_proofs_that_are_accepted() -> None:
    assert read(proof()) == KEY.thumbprint()
    assert read(signed_raw()) == RAW.thumbprint()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (OKPKey.generate_key("Ed25519"), "EdDSA"),
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_each_accepted_kind_of_key_proves(key: Key, algorithm: str) -> None:
    made = proof(key=key, header={"alg": algorithm, "jwk": key.as_dict(private=False)})
    assert read(made) == key.thumbprint()


def test_what_an_address_may_be_written_like_does_not_matter() -> None:
    for url in (
        URL + "?page=2", URL + "#top", "https://CARDWRIGHT.example/v1/cards",
        "https://cardwright.example:443/v1/cards",
    ):  # fmt: skip
        assert read(proof(htu=url)) == KEY.thumbprint()


def test_clocks_may_differ_a_little() -> None:
    assert read(proof(), NOW + timedelta(seconds=60)) == KEY.thumbprint()
    assert read(proof(), NOW - timedelta(seconds=10)) == KEY.thumbprint()


@given(st.text(max_size=200), st.integers(0, 2))
def test_no_text_breaks_the_reader(junk: str, position: int) -> None:
    fields = proof().split(".")
    fields[position] = junk
    for text in (junk, ".".join(fields)):
        with pytest.raises(NotGenuine):
            read(text)
