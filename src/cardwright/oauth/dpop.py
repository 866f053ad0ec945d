"""DPoP proofs (RFC 9449): that whoever sends a request holds the key its tokens are bound to."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request

from cardwright.oauth.jose import (
    NotGenuine,
    algorithms_of,
    claims_of,
    header_of,
    public_key,
    whole_seconds,
    words,
)
from cardwright.oauth.server import AuthorizationServer

PROOF_TYPE: Final = "dpop+jwt"
PROOF_ALGORITHMS: Final = ("Ed25519", "EdDSA", "ES256")
"""Each proof carries its key; RSA's would make every request a kilobyte longer."""
_OLDEST: Final = timedelta(seconds=60)
_AHEAD: Final = timedelta(seconds=10)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proof:
    """A genuine proof: which key made it, and what tells it from all others."""

    key_thumbprint: str
    id: str


async def proven_key(
    request: Request, server: AuthorizationServer, at: datetime, *, access_token: str | None = None
) -> str | None:
    """Return the thumbprint of the key that a request proves to hold; None when it brings no proof.

    A proof counts once. Raises NotGenuine for one that is not for this request, or was used before.
    """
    headers = request.headers.getlist("dpop")
    if not headers:
        return None
    if len(headers) > 1:
        raise NotGenuine("more than one proof")
    proof = read_proof(
        headers[0], method=request.method, url=server.url(request.url.path), at=at, access_token=access_token
    )
    until = at + _OLDEST + _AHEAD
    if not await server.used_proofs.use("dpop", proof.key_thumbprint, proof.id, until=until):
        raise NotGenuine("the proof was used before")
    return proof.key_thumbprint


def read_proof(text: str, *, method: str, url: str, at: datetime, access_token: str | None) -> Proof:
    """Return what a proof shows for a request made at `at`; raise NotGenuine when it shows nothing."""
    key = public_key(header_of(text).get("jwk"))
    accepted = [name for name in algorithms_of(key) if name in PROOF_ALGORITHMS]
    claims = claims_of(text, key, accepted, typ=PROOF_TYPE)
    if claims.get("htm") != method or _same_place(words(claims, "htu", longest=2048)) != _same_place(url):
        raise NotGenuine("a proof for another request")
    made_at = datetime.fromtimestamp(whole_seconds(claims, "iat"), UTC)
    if not at - _OLDEST <= made_at <= at + _AHEAD:
        raise NotGenuine("a proof of another time")
    _ensure_current(claims, at)
    if access_token is not None and claims.get("ath") != _digest(access_token):
        raise NotGenuine("a proof for another access token")
    return Proof(key.thumbprint(), words(claims, "jti"))


def _ensure_current(claims: dict[str, Any], at: datetime) -> None:
    now = int(at.timestamp())
    if "exp" in claims and whole_seconds(claims, "exp") <= now:
        raise NotGenuine("an expired proof")
    if "nbf" in claims and whole_seconds(claims, "nbf") > now + int(_AHEAD.total_seconds()):
        raise NotGenuine("a proof for later")


def _same_place(url: str) -> tuple[str, str | None, int | None, str]:
    # Query and fragment do not count (RFC 9449, 4.3); the host's case and the default port do not matter.
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotGenuine("not an address") from error
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme), parts.path or "/"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")
