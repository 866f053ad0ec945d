"""Reading signed tokens of others: one algorithm per kind of key, and never a key that the token brings."""

import json
import warnings
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey, import_key

ALGORITHMS: Final = ("Ed25519", "EdDSA", "ES256", "PS256")
"""What clients may sign with; EdDSA is the older name of Ed25519."""
LONGEST_TOKEN: Final = 8192
_LEAST_RSA_BITS: Final = 2048


class NotGenuine(Exception):
    """A token is broken, signed by somebody else, or says what it may not."""


def header_of(text: str) -> Mapping[str, Any]:
    """Return what a compact token says of itself, believed in nothing; raise NotGenuine when unreadable."""
    if len(text) > LONGEST_TOKEN:
        raise NotGenuine("longer than any token of ours")
    try:
        return dict(jws.extract_compact(text.encode()).headers())
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotGenuine("not a signed token") from error


def unverified_subject(text: str) -> str:
    """Return whom a token claims to be about, to look up the key that must have signed it."""
    header_of(text)
    try:
        payload = json.loads(jws.extract_compact(text.encode()).payload)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotGenuine("its payload is no JSON") from error
    return words(payload if isinstance(payload, dict) else {}, "sub")


def claims_of(text: str, key: Key, algorithms: list[str], *, typ: str | None) -> dict[str, Any]:
    """Return the claims of a token that a key signed; raise NotGenuine for anything else.

    `typ` is compared when given. Times, issuer and audience are for the caller to judge.
    """
    header = header_of(text)
    if header.get("alg") not in algorithms or (typ is not None and header.get("typ") != typ):
        raise NotGenuine("of another kind")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            claims = jwt.decode(text, key, algorithms=algorithms).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotGenuine("not signed by this key") from error
    if not isinstance(claims, dict):
        raise NotGenuine("its payload is no object")
    return claims


def public_key(jwk: Any) -> Key:
    """Return a public key from a JWK; raise NotGenuine for private, symmetric, weak and unknown ones."""
    if not isinstance(jwk, dict):
        raise NotGenuine("not a key")
    try:
        key = import_key(jwk)
        is_private = isinstance(key, OctKey) or key.is_private
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotGenuine("not a key") from error
    if is_private or "d" in jwk or "k" in jwk or not algorithms_of(key):
        raise NotGenuine("not a public key of an accepted kind")
    return key


def algorithms_of(key: Key) -> list[str]:
    """Return what a key may have signed with; nothing for a key of no accepted kind."""
    match key:
        case OKPKey() if key.curve_name == "Ed25519":
            return ["Ed25519", "EdDSA"]
        case ECKey() if key.curve_name == "P-256":
            return ["ES256"]
        case RSAKey() if key.raw_value.key_size >= _LEAST_RSA_BITS:
            return ["PS256"]
    return []


def whole_seconds(claims: Mapping[str, Any], name: str) -> int:
    """Return an instant among the claims as Unix seconds; raise NotGenuine when it is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**40:
        raise NotGenuine(f"{name} is no instant")
    return int(value)


def words(claims: Mapping[str, Any], name: str, *, longest: int = 256) -> str:
    """Return a text among the claims; raise NotGenuine when it is none."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise NotGenuine(f"{name} is no text")
    return value
