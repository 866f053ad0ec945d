"""What a client may learn of its tokens (RFC 7662), and how it gives them back (RFC 7009)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cardwright.db.session import Session
from cardwright.oauth import grants
from cardwright.oauth.digests import secret_hash
from cardwright.oauth.domain import Client, Grant
from cardwright.oauth.jose import NotGenuine
from cardwright.oauth.scopes import scope_text
from cardwright.oauth.server import AuthorizationServer
from cardwright.oauth.store import grants as store
from cardwright.oauth.tokens import AccessClaims, read_access_token

INACTIVE: Final[Mapping[str, Any]] = {"active": False}


async def introspect(
    session: Session, server: AuthorizationServer, token: str, client: Client, at: datetime
) -> Mapping[str, Any]:
    """Tell a client what one of its own tokens is good for; of any other only that it is not active."""
    found = await _find(session, server, token, at)
    if found is None:
        return INACTIVE
    grant, claims, is_spent = found
    if (
        is_spent
        or grant.client_id != client.id
        or not await grants.is_grant_alive(session, grant, client, at)
    ):
        return INACTIVE
    scopes = grant.scopes if claims is None else claims.scopes
    told = {
        "active": True,
        "scope": scope_text(scopes),
        "client_id": grant.client_id,
        "sub": grant.user_id,
        "iss": server.issuer,
    }
    if claims is not None:
        told |= {"aud": server.issuer, "exp": claims.expires_at, "iat": claims.issued_at, "jti": claims.id}
        told["token_type"] = "Bearer" if grant.key_thumbprint is None else "DPoP"
    if grant.key_thumbprint is not None:
        told["cnf"] = {"jkt": grant.key_thumbprint}
    return told


async def revoke(
    session: Session, server: AuthorizationServer, token: str, client: Client, at: datetime
) -> None:
    """End the grant that a client's own token belongs to; any other token is none of its business."""
    found = await _find(session, server, token, at)
    if found is not None and found[0].client_id == client.id:
        await grants.revoke_grant(session, found[0], by=client.id, at=at)


async def _find(
    session: Session, server: AuthorizationServer, token: str, at: datetime
) -> tuple[Grant, AccessClaims | None, bool] | None:
    refresh_token = await store.find_refresh_token(session, secret_hash(token))
    if refresh_token is not None:
        grant_id, generation, expires_at = refresh_token
        grant = await store.find_grant(session, grant_id)
        # A spent one is inactive, though whoever gives it back still ends its family.
        return None if grant is None else (grant, None, generation <= grant.generation or at >= expires_at)
    try:
        claims = await read_access_token(session, server, token, at)
    except NotGenuine:
        return None
    grant = await store.find_grant(session, claims.grant_id)
    return None if grant is None else (grant, claims, False)
