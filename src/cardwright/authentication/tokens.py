"""Access tokens (RFC 9068 JWTs signed with Ed25519) and opaque refresh tokens."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cardwright.core.errors import Unauthenticated
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive

ACCESS_LIFETIME: Final = timedelta(minutes=10)
CLIENT_ID: Final = "cardwright"
ALGORITHM: Final = "Ed25519"
TYPE: Final = "at+jwt"
_CLOCK_SKEW_SECONDS: Final = 5
_MAX_TOKEN_LENGTH: Final = 2048


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token and for how long it is good."""

    text: str = field(repr=False)
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says: whose it is and in which session it was issued."""

    user_id: str
    session_id: str


class TokenSigner:
    """Issues and verifies access tokens with one Ed25519 key; ValueError for a PEM of any other kind."""

    def __init__(self, private_key_pem: Sensitive, *, issuer: str, audience: str) -> None:
        self._key = OKPKey.import_key(private_key_pem.reveal())
        if self._key.curve_name != "Ed25519" or not self._key.is_private:
            raise ValueError("access tokens are signed with a private Ed25519 key")
        self._kid = self._key.thumbprint()
        self._issuer = issuer
        self._audience = audience

    def issue(self, *, user_id: str, session_id: str, at: datetime) -> AccessToken:
        """Sign a token for a session."""
        issued = int(at.timestamp())
        lifetime_seconds = int(ACCESS_LIFETIME.total_seconds())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": issued,
            "exp": issued + lifetime_seconds,
            "sub": user_id,
            "client_id": CLIENT_ID,
            "jti": new_id("jti"),
            "sid": session_id,
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._kid}
        return AccessToken(jwt.encode(header, claims, self._key, algorithms=[ALGORITHM]), lifetime_seconds)

    def verify(self, text: str, *, at: datetime) -> AccessClaims:
        """Return what a token of ours says; raise Unauthenticated `token_invalid` for anything else."""
        try:
            claims = self._read(text, at)
        except (JoseError, ValueError, TypeError) as error:
            raise _refused() from error
        user_id, session_id = claims["sub"], claims["sid"]
        if not isinstance(session_id, str):
            raise _refused()
        return AccessClaims(user_id, session_id)

    def key_set(self) -> Mapping[str, Any]:
        """Return the JSON Web Key Set with the public key, for whoever verifies our tokens."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._kid, "use": "sig", "alg": ALGORITHM}]}

    def _read(self, text: str, at: datetime) -> Mapping[str, Any]:
        if len(text) > _MAX_TOKEN_LENGTH:
            raise ValueError("longer than any token of ours")
        token = jwt.decode(text, self._key, algorithms=[ALGORITHM])
        # The key is ours alone and is never chosen by what the header says.
        if token.header.get("typ") != TYPE or token.header.get("kid") != self._kid:
            raise ValueError("not an access token of ours")
        self._claims_at(at).validate(token.claims)
        # The registry's leeway is for clocks that issue a little ahead of ours, not for longer lives.
        if token.claims["exp"] <= at.timestamp():
            raise ValueError("expired")
        return token.claims

    def _claims_at(self, at: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(at.timestamp()),
            leeway=_CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            client_id={"essential": True, "value": CLIENT_ID},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            jti={"essential": True},
            sid={"essential": True},
        )


def new_refresh_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def refresh_token_hash(token: str) -> str:
    """Return what is stored of a refresh token; so many random bits need no slow hash."""
    return sha256(token.encode()).hexdigest()


def _refused() -> Unauthenticated:
    return Unauthenticated("token_invalid", "The access token is missing, expired, revoked or not ours.")
