"""Id tokens of outside providers: what proves who signed in there (OpenID Connect Core 3.1.3.7)."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

_LEEWAY_SECONDS: Final = 30
_OLDEST_SECONDS: Final = 600
_LONGEST_TOKEN: Final = 16_384
_LONGEST_SUBJECT: Final = 255


class IdTokenRefused(Exception):
    """An id token proves nothing; says why, for our logs."""


class KeyUnknown(Exception):
    """An id token names a key that is not in the set: the provider may have changed its keys."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an id token has to say to be meant for us, now, and for this browser."""

    issuer: str
    client_id: str
    nonce: str
    at: datetime


def verify_id_token(text: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """Return the claims of a genuine id token; raise IdTokenRefused, or KeyUnknown."""
    try:
        claims = _decoded(text, keys).claims
        _claims_registry(expected).validate(claims)
        _ensure_meant_for_us(claims, expected)
    except (JoseError, ValueError, TypeError) as error:
        raise IdTokenRefused(f"{type(error).__name__}: {error}") from error
    return claims


def _decoded(text: str, keys: KeySet) -> jwt.Token:
    if len(text) > _LONGEST_TOKEN:
        raise ValueError("longer than any id token")
    allowed: list[str] = []

    def choose(guest: Any) -> Any:
        key = _key_for(keys, guest.headers().get("kid"))
        # The algorithm follows from the key alone: the header may only name one that the key is made for.
        allowed.extend(_algorithms_of(key))
        if guest.headers().get("alg") not in allowed:
            raise ValueError("not an algorithm of this key")
        return key

    return jwt.decode(text, choose, algorithms=["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"])


def _key_for(keys: KeySet, kid: object) -> Any:
    signing = [key for key in keys.keys if key.as_dict(private=False).get("use", "sig") == "sig"]
    found = [key for key in signing if kid is None or key.kid == kid]
    if kid is not None and not found:
        raise KeyUnknown
    if len(found) != 1:
        raise ValueError("no single key to verify with")
    return found[0]


def _algorithms_of(key: Any) -> Sequence[str]:
    match key:
        case RSAKey():
            made_for = ["RS256", "PS256"]
        case ECKey() if key.curve_name == "P-256":
            made_for = ["ES256"]
        case ECKey() if key.curve_name == "P-384":
            made_for = ["ES384"]
        case OKPKey() if key.curve_name == "Ed25519":
            made_for = ["EdDSA", "Ed25519"]
        case _:
            made_for = []
    named = key.as_dict(private=False).get("alg")
    return [algorithm for algorithm in made_for if named is None or algorithm == named]


def _claims_registry(expected: Expected) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(expected.at.timestamp()),
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True},
    )


def _ensure_meant_for_us(claims: Mapping[str, Any], expected: Expected) -> None:
    if not hmac.compare_digest(str(claims["nonce"]).encode(), expected.nonce.encode()):
        raise ValueError("the nonce of another browser")
    # More than one audience has to name who asked; whoever is named has to be us.
    is_for_many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if is_for_many else expected.client_id) != expected.client_id:
        raise ValueError("asked for by somebody else")
    if expected.at.timestamp() - claims["iat"] > _OLDEST_SECONDS:
        raise ValueError("issued long ago")
    if not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise ValueError("no subject")
