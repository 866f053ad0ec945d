"""What the server tells of itself, its public keys, and what a token lets a client know of a person."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response

from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http.credentials import challenge
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Output
from cardwright.oauth import keys
from cardwright.oauth.domain import ONE_FACTOR, TWO_FACTORS, AuthMethod, GrantType
from cardwright.oauth.dpop import PROOF_ALGORITHMS
from cardwright.oauth.errors import OAuthError
from cardwright.oauth.guards import find_bearer
from cardwright.oauth.jose import ALGORITHMS
from cardwright.oauth.scopes import KNOWN_SCOPES, OPENID
from cardwright.oauth.server import AuthorizationServer, ServerDep
from cardwright.oauth.userinfo import userinfo_claims
from cardwright.oauth.wire import oauth_router

router = oauth_router()

_CACHED: Final = f"public, max-age={keys.KEY_SET_MAX_AGE_SECONDS}"
_CLIENT_METHODS: Final = [AuthMethod.SECRET, AuthMethod.PRIVATE_KEY]


class KeySetOutput(Output):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


@router.get("/.well-known/jwks.json")
async def get_key_set(
    server: ServerDep, session: SessionDep, clock: ClockDep, response: Response
) -> KeySetOutput:
    """Publish the keys that verify our tokens: the one that signs, the next one, and those just retired."""
    response.headers["Cache-Control"] = _CACHED
    found = await keys.key_set(session, server.program_id, clock.now())
    return KeySetOutput(keys=[dict(key) for key in found])


@router.get("/.well-known/oauth-authorization-server")
async def get_server_metadata(server: ServerDep, response: Response) -> dict[str, Any]:
    """Describe the authorization server (RFC 8414)."""
    response.headers["Cache-Control"] = _CACHED
    return _metadata(server)


@router.get("/.well-known/openid-configuration")
async def get_openid_configuration(server: ServerDep, response: Response) -> dict[str, Any]:
    """Describe the same server as OpenID Connect Discovery does."""
    response.headers["Cache-Control"] = _CACHED
    return _metadata(server)


@router.get("/oauth/userinfo")
async def get_userinfo(
    request: Request, server: ServerDep, session: SessionDep, clock: ClockDep
) -> dict[str, Any]:
    """Tell what an access token lets its client know of the person."""
    return dict(await _userinfo(request, server, session, clock))


@router.post("/oauth/userinfo")
async def post_userinfo(
    request: Request, server: ServerDep, session: SessionDep, clock: ClockDep
) -> dict[str, Any]:
    """Tell the same; OpenID Connect asks for both methods."""
    return dict(await _userinfo(request, server, session, clock))


async def _userinfo(
    request: Request, server: AuthorizationServer, session: Session, clock: ClockDep
) -> Mapping[str, Any]:
    try:
        found = await find_bearer(request, session, server, clock.now())
    except Unauthenticated as error:
        raise _refused(request, "invalid_token", error.message, 401) from error
    if found is None:
        raise _refused(request, "invalid_token", "Send an access token.", 401)
    claims, grant = found
    if OPENID not in claims.scopes:
        raise _refused(request, "insufficient_scope", "This needs the scope openid.", 403)
    return await userinfo_claims(session, grant.user_id, claims.scopes)


def _refused(request: Request, error: str, description: str, status: int) -> OAuthError:
    headers = {"WWW-Authenticate": f'{challenge(request)} error="{error}"'}
    return OAuthError(error, description, status=status, headers=headers)


def _metadata(server: AuthorizationServer) -> dict[str, Any]:
    return {
        "issuer": server.issuer,
        "authorization_endpoint": server.url("/oauth/authorize"),
        "token_endpoint": server.url("/oauth/token"),
        "pushed_authorization_request_endpoint": server.url("/oauth/par"),
        "revocation_endpoint": server.url("/oauth/revoke"),
        "introspection_endpoint": server.url("/oauth/introspect"),
        "userinfo_endpoint": server.url("/oauth/userinfo"),
        "end_session_endpoint": server.url("/oauth/end-session"),
        "jwks_uri": server.url("/.well-known/jwks.json"),
        "scopes_supported": sorted(KNOWN_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GrantType),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AuthMethod),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AuthMethod),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": _CLIENT_METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [keys.ALGORITHM],
        "acr_values_supported": [ONE_FACTOR, TWO_FACTORS],
        "prompt_values_supported": ["none", "login", "consent"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "name", "email",
            "email_verified", "phone_number", "locale", "zoneinfo", "address",
        ],
    }  # fmt: skip
