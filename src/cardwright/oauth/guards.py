"""Who is asking, by an access token whose grant is alive, and by the key that it is bound to."""

from datetime import datetime

from fastapi import Request

from cardwright.access import Principal
from cardwright.core.clock import Clock
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http.credentials import access_token
from cardwright.oauth.domain import Grant
from cardwright.oauth.dpop import proven_key
from cardwright.oauth.grants import find_living_grant
from cardwright.oauth.jose import NotGenuine
from cardwright.oauth.server import AuthorizationServer
from cardwright.oauth.tokens import AccessClaims, read_access_token

_DOTS_OF_A_JWT = 2


class AccessTokens:
    """Accepts the access tokens that the token endpoint gives, with the scheme Bearer or DPoP."""

    def __init__(self, server: AuthorizationServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def authenticate(self, request: Request, session: Session) -> Principal | None:
        """Return who a token stands for; its grant is looked up, so that ending it acts at once."""
        found = await find_bearer(request, session, self._server, self._clock.now())
        if found is None:
            return None
        claims, grant = found
        return Principal(
            user_id=grant.user_id,
            program_id=grant.program_id,
            session_id=grant.session_id,
            client_id=grant.client_id,
            scopes=claims.scopes,
            factor_used_at=grant.factor_used_at,
        )


async def find_bearer(
    request: Request, session: Session, server: AuthorizationServer, at: datetime
) -> tuple[AccessClaims, Grant] | None:
    """Return what a request's access token says beside its living grant; None when it brings none.

    Raises Unauthenticated `token_invalid` for a token that is not ours, is over, or comes without its key.
    """
    scheme, token = access_token(request)
    if token is None or (scheme == "bearer" and token.count(".") != _DOTS_OF_A_JWT):
        return None
    try:
        claims = await read_access_token(session, server, token, at)
        held_key = await proven_key(request, server, at, access_token=token) if scheme == "dpop" else None
    except NotGenuine as error:
        raise _refused() from error
    # A bound token without its key, and a proof for a token that is not bound: both are somebody else's game.
    if claims.key_thumbprint != held_key or (scheme == "dpop" and held_key is None):
        raise _refused()
    grant = await find_living_grant(session, claims.grant_id, at)
    if grant is None or (grant.client_id, grant.user_id) != (claims.client_id, claims.user_id):
        raise _refused()
    if not claims.scopes <= grant.scopes or grant.key_thumbprint != claims.key_thumbprint:
        raise _refused()
    return claims, grant


def _refused() -> Unauthenticated:
    return Unauthenticated("token_invalid", "The access token is missing, expired, revoked or not ours.")
