"""Who sends: the signed word of an application server (RFC 8292), checked as push services check it."""

import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from simulator.browser_push.browsers import base64url, from_base64url
from simulator.browser_push.errors import PushError
from simulator.clock import wall_timestamp

_LONGEST_SECONDS = 24 * 3600
_SKEW_SECONDS = 60
_POINT_BYTES = 65


def ensure_signed(authorization: str | None, *, audience: str, expected_key: str | None) -> str:
    """Return who signed (the `sub`); PushError 401 or 403 says what is wrong with the header."""
    parts = dict(re.findall(r"(t|k)=([A-Za-z0-9_.=-]+)", (authorization or "").partition(" ")[2]))
    if not (authorization or "").lower().startswith("vapid ") or set(parts) != {"t", "k"}:
        raise PushError(401, "An Authorization header `vapid t=…, k=…` is expected.")
    claims = _claims(parts["t"], parts["k"])
    now, expires = wall_timestamp(), claims.get("exp")
    if claims.get("aud") != audience:
        raise PushError(401, f"The audience must be {audience}.")
    if not isinstance(expires, int) or not now - _SKEW_SECONDS < expires <= now + _LONGEST_SECONDS:
        raise PushError(403, "The signature must expire within 24 hours, and not be over.")
    if not re.match("mailto:.+|https://.+", str(claims.get("sub", ""))):
        raise PushError(403, "The subject must be a mailto: or https: URL.")
    if expected_key is not None and from_base64url(expected_key) != from_base64url(parts["k"]):
        raise PushError(403, "The browser subscribed with another application server's key.")
    return str(claims["sub"])


def _claims(token: str, key: str) -> dict[str, Any]:
    try:
        point = from_base64url(key)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        half = (_POINT_BYTES - 1) // 2
        x, y = base64url(point[1 : half + 1]), base64url(point[half + 1 :])
        known = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
        claims: dict[str, Any] = jwt.decode(token, known, algorithms=["ES256"]).claims
    except (JoseError, ValueError) as error:
        raise PushError(403, f"The signature is not good: {error}") from None
    return claims
