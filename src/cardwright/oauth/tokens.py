"""Access tokens (RFC 9068) and id tokens: what they say, and what a genuine one must say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.oauth import keys
from cardwright.oauth.domain import ACCESS_LIFETIME, Grant, assurance
from cardwright.oauth.jose import NotGenuine, whole_seconds, words
from cardwright.oauth.scopes import scope_text
from cardwright.oauth.server import AuthorizationServer

ACCESS_TYPE: Final = "at+jwt"
ID_TYPE: Final = "JWT"
_CLOCK_SKEW_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says; whether its grant still lives stands in the database."""

    id: str
    grant_id: str
    client_id: str
    user_id: str
    scopes: frozenset[str]
    key_thumbprint: str | None
    issued_at: int
    expires_at: int


async def issue_access_token(
    session: Session, server: AuthorizationServer, grant: Grant, scopes: frozenset[str], at: datetime
) -> str:
    """Sign an access token of a grant, with all of its scopes or fewer."""
    claims = {
        **_common(server, grant, at),
        "aud": server.issuer,
        "client_id": grant.client_id,
        "jti": new_id("jti"),
        "scope": scope_text(scopes),
        "grant_id": grant.id,
    }
    if grant.key_thumbprint is not None:
        claims["cnf"] = {"jkt": grant.key_thumbprint}
    return await keys.sign(session, server.program_id, claims, typ=ACCESS_TYPE)


async def issue_id_token(
    session: Session, server: AuthorizationServer, grant: Grant, nonce: str | None, at: datetime
) -> str:
    """Sign an id token for a grant's client; it names the person by id only, the rest is userinfo's."""
    claims = {**_common(server, grant, at), "aud": grant.client_id, "amr": list(grant.methods)}
    if nonce is not None:
        claims["nonce"] = nonce
    return await keys.sign(session, server.program_id, claims, typ=ID_TYPE)


async def read_access_token(
    session: Session, server: AuthorizationServer, text: str, at: datetime
) -> AccessClaims:
    """Return what an access token of ours says while it has not expired; raise NotGenuine otherwise."""
    claims = await keys.verified_claims(session, server.program_id, text, typ=ACCESS_TYPE, at=at)
    now = int(at.timestamp())
    issued_at, expires_at = whole_seconds(claims, "iat"), whole_seconds(claims, "exp")
    if claims.get("iss") != server.issuer or claims.get("aud") != server.issuer:
        raise NotGenuine("by or for somebody else")
    if expires_at <= now or issued_at > now + _CLOCK_SKEW_SECONDS:
        raise NotGenuine("not good now")
    if "nbf" in claims and whole_seconds(claims, "nbf") > now + _CLOCK_SKEW_SECONDS:
        raise NotGenuine("not good yet")
    return AccessClaims(
        id=words(claims, "jti"),
        grant_id=words(claims, "grant_id"),
        client_id=words(claims, "client_id"),
        user_id=words(claims, "sub"),
        scopes=frozenset(words(claims, "scope", longest=4096).split(" ")),
        key_thumbprint=_thumbprint(claims),
        issued_at=issued_at,
        expires_at=expires_at,
    )


async def read_id_token_hint(
    session: Session, server: AuthorizationServer, text: str, at: datetime
) -> tuple[str, str] | None:
    """Return the client and the session that an id token of ours was given for, expired or not; or None."""
    try:
        claims = await keys.verified_claims(session, server.program_id, text, typ=ID_TYPE, at=at)
        if claims.get("iss") != server.issuer:
            return None
        return words(claims, "aud"), words(claims, "sid")
    except NotGenuine:
        return None


def _common(server: AuthorizationServer, grant: Grant, at: datetime) -> dict[str, Any]:
    issued_at = int(at.timestamp())
    claims: dict[str, Any] = {
        "iss": server.issuer,
        "sub": grant.user_id,
        "iat": issued_at,
        "exp": issued_at + int(ACCESS_LIFETIME.total_seconds()),
    }
    if grant.session_id is not None and grant.authenticated_at is not None:
        claims["sid"] = grant.session_id
        claims["auth_time"] = int(grant.authenticated_at.timestamp())
        claims["acr"] = assurance(grant.methods)
    return claims


def _thumbprint(claims: Mapping[str, Any]) -> str | None:
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    if not isinstance(confirmation, dict) or set(confirmation) != {"jkt"}:
        raise NotGenuine("bound to something unknown")
    return words(confirmation, "jkt")
