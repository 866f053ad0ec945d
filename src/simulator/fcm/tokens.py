"""OAuth2 with a signed assertion: a service account proves itself and gets a bearer token for an hour."""

import secrets
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError

from simulator.clock import wall_timestamp
from simulator.fcm.account import account_key
from simulator.fcm.errors import GoogleError, OAuthError
from simulator.world import World

KIND = "fcm_token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
TOKEN_LIFETIME_SECONDS = 3600
_CLOCK_SKEW_SECONDS = 300
_MESSAGING_SCOPES = frozenset(
    {
        "https://www.googleapis.com/auth/firebase.messaging",
        "https://www.googleapis.com/auth/cloud-platform",
    }
)


def issue_token(world: World, form: dict[str, str]) -> dict[str, Any]:
    """Return the answer with the bearer token; OAuthError says what is wrong with the request."""
    if form.get("grant_type") != GRANT_TYPE:
        raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
    claims = _verified_claims(world, form.get("assertion", ""))
    token = {
        "id": f"ya29.{secrets.token_urlsafe(48)}",
        "scopes": str(claims["scope"]).split(),
        "expires": wall_timestamp() + TOKEN_LIFETIME_SECONDS,
    }
    world.objects.put(KIND, token)
    return {"access_token": token["id"], "expires_in": TOKEN_LIFETIME_SECONDS, "token_type": "Bearer"}


def ensure_may_send(world: World, authorization: str | None) -> None:
    """Raise GoogleError unless the header bears a live token that may send messages."""
    scheme, _, presented = (authorization or "").partition(" ")
    token = world.objects.get(KIND, presented) if scheme.lower() == "bearer" else None
    if token is None or token["expires"] <= wall_timestamp():
        raise GoogleError("UNAUTHENTICATED", "A valid OAuth 2 access token is expected.")
    if not _MESSAGING_SCOPES & set(token["scopes"]):
        raise GoogleError("PERMISSION_DENIED", "The access token's scopes do not cover messaging.")


def _verified_claims(world: World, assertion: str) -> dict[str, Any]:
    try:
        claims = jwt.decode(assertion, account_key(world), algorithms=["RS256"]).claims
    except BadSignatureError:
        raise OAuthError("invalid_grant", "Invalid JWT Signature.") from None
    except (JoseError, ValueError) as error:
        raise OAuthError("invalid_grant", f"Invalid JWT: {error}") from None
    if claims.get("iss") != world.settings.fcm_client_email:
        raise OAuthError("invalid_grant", "Invalid grant: account not found")
    if claims.get("aud") != AUDIENCE:
        raise OAuthError("invalid_grant", f"Invalid JWT: the audience must be {AUDIENCE}")
    if not isinstance(claims.get("scope"), str) or not claims["scope"].strip():
        raise OAuthError("invalid_scope", "Empty or missing scope not allowed.")
    _ensure_short_lived(claims)
    return claims


def _ensure_short_lived(claims: dict[str, Any]) -> None:
    issued, expires, now = claims.get("iat"), claims.get("exp"), wall_timestamp()
    if not (isinstance(issued, int) and isinstance(expires, int)):
        raise OAuthError("invalid_grant", "Invalid JWT: iat and exp must be integers")
    is_timely = issued <= now + _CLOCK_SKEW_SECONDS and now - _CLOCK_SKEW_SECONDS < expires
    if not (is_timely and 0 < expires - issued <= TOKEN_LIFETIME_SECONDS):
        raise OAuthError("invalid_grant", "Invalid JWT: it must live at most 60 minutes, and now")
