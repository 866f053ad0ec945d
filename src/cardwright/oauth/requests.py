"""Authorization requests: what they must say before anybody is asked, or sent anywhere."""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Self

from cardwright.db.session import Session
from cardwright.oauth.digests import new_secret, secret_hash
from cardwright.oauth.domain import PUSHED_LIFETIME, TWO_FACTORS, Client, GrantType
from cardwright.oauth.errors import OAuthError, invalid_request, unauthorized_client
from cardwright.oauth.forms import needed
from cardwright.oauth.redirects import matches
from cardwright.oauth.scopes import read_scopes
from cardwright.oauth.server import PUSHED_PREFIX, AuthorizationServer
from cardwright.oauth.store import requests as store
from cardwright.oauth.store.requests import PushedRequest

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]{1,1024}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
_REFUSED: Final = {
    "request": "request_not_supported",
    "registration": "registration_not_supported",
    "claims": "invalid_request",
}
FRESH_SIGN_IN_SECONDS: Final = 120
"""How young a sign-in counts as made for this request, when the client asks for one."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be shown to a person. `key_thumbprint` binds its code to a DPoP key."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str
    state: str | None = None
    nonce: str | None = None
    prompts: frozenset[str] = frozenset()
    max_age_seconds: int | None = None
    needs_two_factors: bool = False
    key_thumbprint: str | None = None

    def as_json(self) -> Mapping[str, Any]:
        """Return what is stored while a person decides."""
        return {**asdict(self), "scopes": sorted(self.scopes), "prompts": sorted(self.prompts)}

    @classmethod
    def stored(cls, values: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        sets = {name: frozenset(values[name]) for name in ("scopes", "prompts")}
        return cls(**{**values, **sets})


def redirect_uri_of(parameters: Mapping[str, str], client: Client) -> str:
    """Return where the answer may go; raise OAuthError, to be shown and never sent, for anywhere else."""
    uri = needed(parameters, "redirect_uri")
    if not matches(uri, client.redirect_uris):
        raise invalid_request("The redirect_uri is not registered for this client.")
    return uri


def read_request(parameters: Mapping[str, str], client: Client) -> AuthorizationRequest:
    """Return a request that keeps every rule; raise OAuthError for the first one it breaks."""
    _ensure_plain_code(parameters, client)
    prompts = frozenset(parameters.get("prompt", "").split(" ")) - {""}
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise invalid_request("The prompt is not one this server knows.")
    acceptable = parameters.get("acr_values", "").split(" ")
    return AuthorizationRequest(
        client_id=client.id,
        redirect_uri=redirect_uri_of(parameters, client),
        scopes=read_scopes(needed(parameters, "scope"), client.scopes),
        challenge=_challenge(parameters),
        state=_printable(parameters, "state"),
        nonce=_printable(parameters, "nonce"),
        prompts=prompts,
        max_age_seconds=_max_age(parameters, prompts),
        needs_two_factors=acceptable[0] == TWO_FACTORS,
        key_thumbprint=_thumbprint(parameters),
    )


def _ensure_plain_code(parameters: Mapping[str, str], client: Client) -> None:
    for name, error in _REFUSED.items():
        if name in parameters:
            raise OAuthError(error, f"The parameter {name} is not supported.")
    if GrantType.AUTHORIZATION_CODE not in client.grant_types:
        raise unauthorized_client("This client may not ask for authorization codes.")
    if needed(parameters, "response_type") != "code":
        raise OAuthError("unsupported_response_type", "The response_type is code.")
    if parameters.get("response_mode", "query") != "query":
        raise invalid_request("The response_mode is query.")


def _challenge(parameters: Mapping[str, str]) -> str:
    # An absent method would mean `plain`, which hides nothing.
    if needed(parameters, "code_challenge_method") != "S256":
        raise invalid_request("The code_challenge_method is S256.")
    challenge = needed(parameters, "code_challenge")
    if not _CHALLENGE.fullmatch(challenge):
        raise invalid_request("The code_challenge is no SHA-256 digest.")
    return challenge


def _thumbprint(parameters: Mapping[str, str]) -> str | None:
    thumbprint = parameters.get("dpop_jkt")
    if thumbprint is not None and not _CHALLENGE.fullmatch(thumbprint):
        raise invalid_request("The dpop_jkt is no thumbprint of a key.")
    return thumbprint


def _printable(parameters: Mapping[str, str], name: str) -> str | None:
    value = parameters.get(name)
    if value is not None and not _PRINTABLE.fullmatch(value):
        raise invalid_request(f"The {name} has up to 1024 printable characters.")
    return value


def _max_age(parameters: Mapping[str, str], prompts: frozenset[str]) -> int | None:
    text = parameters.get("max_age")
    if text is not None and not _SECONDS.fullmatch(text):
        raise invalid_request("The max_age is a number of seconds.")
    asked = None if text is None else int(text)
    if "login" in prompts or asked == 0:
        return FRESH_SIGN_IN_SECONDS
    return asked


def proves(verifier: str, challenge: str) -> bool:
    """Answer whether a PKCE verifier is the one that a challenge was made from.

    >>> proves("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    True
    """
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(digest, challenge)


async def push_request(
    session: Session, server: AuthorizationServer, parameters: Mapping[str, str], client: Client, at: datetime
) -> str:
    """Keep a request that was checked, for PUSHED_LIFETIME and one use; return its `request_uri`."""
    secret = new_secret()
    await store.add_pushed(
        session,
        PushedRequest(secret_hash(secret), server.program_id, client.id, parameters, at + PUSHED_LIFETIME),
    )
    return PUSHED_PREFIX + secret


async def find_pushed_parameters(
    session: Session, request_uri: str, client: Client, at: datetime
) -> Mapping[str, str]:
    """Return a pushed request that may still be used; raise OAuthError `invalid_request_uri` otherwise."""
    pushed = await store.find_pushed(session, secret_hash(request_uri.removeprefix(PUSHED_PREFIX)))
    if (
        pushed is None
        or pushed.client_id != client.id
        or pushed.used_at is not None
        or at >= pushed.expires_at
    ):
        raise _unusable()
    return pushed.parameters


async def spend_pushed(session: Session, request_uri: str, at: datetime) -> None:
    """Note that a pushed request was used; raise OAuthError `invalid_request_uri` when it was before."""
    if not await store.save_pushed_used(session, secret_hash(request_uri.removeprefix(PUSHED_PREFIX)), at):
        raise _unusable()


def _unusable() -> OAuthError:
    return OAuthError("invalid_request_uri", "The request_uri is unknown, used or expired.")
