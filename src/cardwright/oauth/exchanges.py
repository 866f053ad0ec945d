"""From codes, refresh tokens and clients' own credentials to tokens."""

from collections.abc import Mapping
from datetime import datetime

from cardwright import access, audit
from cardwright.authentication import find_living_session
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.oauth.digests import secret_hash
from cardwright.oauth.domain import (
    ACCESS_LIFETIME,
    GRANT_LIFETIME,
    OFFLINE,
    Grant,
    GrantType,
    Rotation,
    judge_refresh,
)
from cardwright.oauth.errors import OAuthError, invalid_grant, invalid_scope, unauthorized_client
from cardwright.oauth.grants import end_stolen, is_grant_alive
from cardwright.oauth.issuing import Asking, Tokens, issue_tokens, new_refresh_token
from cardwright.oauth.people import SignIn
from cardwright.oauth.requests import AuthorizationRequest, proves
from cardwright.oauth.scopes import OPENID, read_scopes
from cardwright.oauth.server import AuthorizationServer
from cardwright.oauth.store import grants as store
from cardwright.oauth.store import requests
from cardwright.oauth.store.requests import Code
from cardwright.oauth.tokens import issue_id_token


async def exchange_code(
    session: Session, server: AuthorizationServer, asking: Asking, form: Mapping[str, str]
) -> Tokens | OAuthError:
    """Give tokens for a code, once; a refusal is returned, as what it changed must be kept.

    A code that is presented by the wrong client, with the wrong redirect URI or the wrong verifier is spent;
    one that comes again ends what it gave.
    """
    code = await requests.code_for_update(session, secret_hash(form.get("code", "")))
    if code is None:
        return invalid_grant("The code is not known.")
    if code.used_at is not None:
        await _end_what_it_gave(session, code, asking.at)
        return invalid_grant("The code was used before.")
    request = AuthorizationRequest.stored(code.request)
    refusal = _code_refusal(code, request, asking, form)
    if refusal is None and await find_living_session(session, code.session_id, asking.at) is None:
        refusal = invalid_grant("The session was ended.")
    if refusal is not None:
        await requests.save_code_used(session, code.code_hash, None, asking.at)
        return refusal
    grant = _granted(code, request, asking)
    await store.add_grant(session, grant)
    await requests.save_code_used(session, code.code_hash, grant.id, asking.at)
    details = {"client_id": grant.client_id, "scopes": sorted(grant.scopes)}
    await audit.record(session, grant.user_id, grant.program_id, "grant.given", grant.id, details, asking.at)
    refresh_token = None
    if grant.is_offline and GrantType.REFRESH_TOKEN in asking.client.grant_types:
        refresh_token = await new_refresh_token(session, grant, asking, generation=1)
    id_token = None
    if OPENID in grant.scopes:
        id_token = await issue_id_token(session, server, grant, request.nonce, asking.at)
    return await issue_tokens(session, server, grant, grant.scopes, asking.at, refresh_token, id_token)


async def refresh(
    session: Session, server: AuthorizationServer, asking: Asking, form: Mapping[str, str]
) -> Tokens | OAuthError:
    """Give tokens for a refresh token; a refusal is returned, as what it changed must be kept.

    A public client's tokens rotate as `judge_refresh` rules, a confidential client keeps its one token.
    """
    presented = await _presented(session, asking, form.get("refresh_token", ""))
    if presented is None:
        return _refused()
    grant, generation = presented
    scopes = read_scopes(form["scope"], grant.scopes) if "scope" in form else grant.scopes
    if not asking.client.is_public:
        return await issue_tokens(session, server, grant, scopes, asking.at)
    rotation = judge_refresh(grant, generation, asking.at)
    if rotation is Rotation.REUSED:
        await end_stolen(session, grant, "oauth.refresh_token_reused", asking.at)
        return _refused()
    if rotation is Rotation.ROTATED:
        await store.save_generation(session, grant.id, generation, at=asking.at)
    refresh_token = await new_refresh_token(session, grant, asking, generation=generation + 1)
    return await issue_tokens(session, server, grant, scopes, asking.at, refresh_token)


async def grant_to_client(
    session: Session, server: AuthorizationServer, asking: Asking, form: Mapping[str, str]
) -> Tokens:
    """Give a client a token to act for itself, with no more scopes than its roles permit."""
    client, at = asking.client, asking.at
    if client.is_public:
        raise unauthorized_client("A public client cannot act for itself.")
    asked = read_scopes(form["scope"], client.scopes) if "scope" in form else client.scopes
    roles = (await access.find_roles(session, [client.id]))[client.id]
    scopes = asked & access.permissions_of(roles)
    if not scopes:
        raise invalid_scope("The client's roles permit none of these scopes.")
    grant = Grant(
        new_id("grant"), client.program_id, client.id, client.id, None, scopes, (), at, at + ACCESS_LIFETIME,
        key_thumbprint=asking.key_thumbprint,
    )  # fmt: skip
    await store.add_grant(session, grant)
    return await issue_tokens(session, server, grant, scopes, at)


def _code_refusal(
    code: Code, request: AuthorizationRequest, asking: Asking, form: Mapping[str, str]
) -> OAuthError | None:
    if asking.at >= code.expires_at:
        return invalid_grant("The code has expired.")
    if code.client_id != asking.client.id or form.get("redirect_uri") != request.redirect_uri:
        return invalid_grant("The code was given to another client or redirect_uri.")
    if not proves(form.get("code_verifier", ""), request.challenge):
        return invalid_grant("The code_verifier does not fit the code_challenge.")
    if request.key_thumbprint is not None and request.key_thumbprint != asking.key_thumbprint:
        return invalid_grant("The code is bound to another DPoP key.")
    return None


def _granted(code: Code, request: AuthorizationRequest, asking: Asking) -> Grant:
    sign_in = SignIn.stored(code.sign_in)
    return Grant(
        id=new_id("grant"),
        program_id=code.program_id,
        client_id=code.client_id,
        user_id=code.user_id,
        session_id=code.session_id,
        scopes=request.scopes,
        methods=sign_in.methods,
        created_at=asking.at,
        expires_at=asking.at + (GRANT_LIFETIME if OFFLINE in request.scopes else ACCESS_LIFETIME),
        key_thumbprint=asking.key_thumbprint,
        authenticated_at=sign_in.authenticated_at,
        factor_used_at=sign_in.factor_used_at,
    )


async def _presented(session: Session, asking: Asking, token: str) -> tuple[Grant, int] | None:
    found = await store.find_refresh_token(session, secret_hash(token))
    if found is None:
        return None
    grant_id, generation, expires_at = found
    grant = await store.grant_for_update(session, grant_id)
    if grant is None or grant.client_id != asking.client.id or asking.at >= expires_at:
        return None
    # Before reuse is judged: whoever does not hold the key must not be able to end the family either.
    if grant.key_thumbprint is not None and grant.key_thumbprint != asking.key_thumbprint:
        return None
    is_alive = await is_grant_alive(session, grant, asking.client, asking.at)
    return (grant, generation) if is_alive else None


async def _end_what_it_gave(session: Session, code: Code, at: datetime) -> None:
    grant = None if code.grant_id is None else await store.grant_for_update(session, code.grant_id)
    if grant is not None:
        await end_stolen(session, grant, "oauth.code_reused", at)


def _refused() -> OAuthError:
    return invalid_grant("The refresh token is not good; ask for authorization again.")
