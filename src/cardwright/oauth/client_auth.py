"""Which client is asking, proven by the one method that it is registered with."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote_plus

from fastapi import Request

from cardwright.db.session import Session
from cardwright.oauth.digests import secret_hash
from cardwright.oauth.domain import AuthMethod, Client
from cardwright.oauth.errors import OAuthError, invalid_client, invalid_request
from cardwright.oauth.jose import (
    NotGenuine,
    algorithms_of,
    claims_of,
    header_of,
    public_key,
    unverified_subject,
    whole_seconds,
    words,
)
from cardwright.oauth.server import AuthorizationServer
from cardwright.oauth.store import clients

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_ASSERTION: Final = timedelta(minutes=5)
_AHEAD: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class ClaimedClient:
    """Who a request says it comes from, and what it brings as evidence; nothing of it is believed yet."""

    client_id: str
    method: AuthMethod
    evidence: str = field(default="", repr=False)


def claimed_client(request: Request, form: Mapping[str, str]) -> ClaimedClient:
    """Return the client that a request names, in exactly one way; raise OAuthError otherwise."""
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
    has_basic = kind.lower() == "basic"
    has_assertion = "client_assertion" in form or "client_assertion_type" in form
    if "client_secret" in form or (has_basic and has_assertion):
        raise invalid_request("Prove the client by HTTP Basic or by one assertion, and by nothing else.")
    claimed = _by_basic(credentials) if has_basic else _by_form(form)
    if form.get("client_id", claimed.client_id) != claimed.client_id:
        raise invalid_request("The client is named twice, and differently.")
    return claimed


async def authenticate_client(
    session: Session, server: AuthorizationServer, claimed: ClaimedClient, at: datetime
) -> Client:
    """Return the client when its evidence is good; raise OAuthError `invalid_client` otherwise."""
    client = await clients.find_client(session, claimed.client_id, server.program_id)
    refusal = invalid_client(by_basic=claimed.method is AuthMethod.SECRET)
    if client is None or client.disabled_at is not None or client.auth_method is not claimed.method:
        raise refusal
    match client.auth_method:
        case AuthMethod.SECRET:
            stored = client.secret_hash or ""
            if not hmac.compare_digest(stored, secret_hash(claimed.evidence)):
                raise refusal
        case AuthMethod.PRIVATE_KEY:
            await _ensure_assertion(server, client, claimed.evidence, at, refusal)
        case AuthMethod.NONE:
            pass
    return client


def _by_basic(credentials: str) -> ClaimedClient:
    try:
        name, separator, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error) as error:
        raise invalid_client(by_basic=True) from error
    if not separator or not name:
        raise invalid_client(by_basic=True)
    return ClaimedClient(unquote_plus(name), AuthMethod.SECRET, unquote_plus(secret))


def _by_form(form: Mapping[str, str]) -> ClaimedClient:
    if "client_assertion" in form:
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise invalid_request(f"client_assertion_type is {_ASSERTION_TYPE}.")
        assertion = form["client_assertion"]
        try:
            return ClaimedClient(unverified_subject(assertion), AuthMethod.PRIVATE_KEY, assertion)
        except NotGenuine as error:
            raise invalid_client() from error
    if "client_id" not in form:
        raise invalid_client()
    return ClaimedClient(form["client_id"], AuthMethod.NONE)


async def _ensure_assertion(
    server: AuthorizationServer, client: Client, assertion: str, at: datetime, refusal: OAuthError
) -> None:
    try:
        claims = _assertion_claims(client, assertion)
        _ensure_for_us(claims, client, server.issuer, at)
        until = datetime.fromtimestamp(whole_seconds(claims, "exp"), UTC) + _AHEAD
        is_fresh = await server.used_proofs.use("assertion", client.id, words(claims, "jti"), until=until)
    except NotGenuine as error:
        raise refusal from error
    if not is_fresh:
        raise refusal


def _assertion_claims(client: Client, assertion: str) -> Mapping[str, Any]:
    known = (client.key_set or {}).get("keys", [])
    key_id = header_of(assertion).get("kid")
    chosen = [jwk for jwk in known if key_id is None or jwk.get("kid") == key_id]
    if len(chosen) != 1:
        raise NotGenuine("signed by no key of this client")
    key = public_key(chosen[0])
    return claims_of(assertion, key, algorithms_of(key), typ=None)


def _ensure_for_us(claims: Mapping[str, Any], client: Client, issuer: str, at: datetime) -> None:
    # The issuer alone is accepted: with any other audience it may be meant for another server.
    if claims.get("aud") not in (issuer, [issuer]):
        raise NotGenuine("for another server")
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise NotGenuine("by another client")
    now = int(at.timestamp())
    expires_at = whole_seconds(claims, "exp")
    if not now < expires_at <= now + int(_LONGEST_ASSERTION.total_seconds()):
        raise NotGenuine("expired, or good for too long")
    for name in ("iat", "nbf"):
        if name in claims and whole_seconds(claims, name) > now + int(_AHEAD.total_seconds()):
            raise NotGenuine("of the future")
