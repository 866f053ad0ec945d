"""What clients ask for directly: pushing requests, tokens, what a token is, giving one back."""

from typing import Annotated, Any, Final

from fastapi import Depends, Response
from fastapi.responses import JSONResponse

from cardwright.oauth import exchanges, inspection
from cardwright.oauth.backchannel import Backchannel, backchannel
from cardwright.oauth.domain import PUSHED_LIFETIME, Client, GrantType
from cardwright.oauth.errors import OAuthError, invalid_client, invalid_request, unauthorized_client
from cardwright.oauth.forms import needed
from cardwright.oauth.issuing import Tokens
from cardwright.oauth.requests import push_request, read_request
from cardwright.oauth.wire import PushedOutput, TokensOutput, form_body, oauth_router

router = oauth_router()

_CREDENTIALS: Final = frozenset({"client_assertion", "client_assertion_type"})
_TOKEN_FORM: Final = form_body(
    "A grant in exchange for tokens. Confidential clients prove themselves by HTTP Basic or by an assertion, "
    "public clients name themselves and send a DPoP proof.",
    grant_type="authorization_code, refresh_token or client_credentials (required)",
    client_id="of a public client",
    client_assertion="a signed JWT, with private_key_jwt",
    client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    code="with authorization_code",
    redirect_uri="the one that the code was sent to",
    code_verifier="what the code_challenge was made from",
    refresh_token="with refresh_token",  # noqa: S106 - a description
    scope="fewer scopes than were granted",
)
_ONE_TOKEN: Final = {
    "token": "an access token or a refresh token (required)",
    "token_type_hint": "not needed",
    "client_id": "of a public client",
}


@router.post("/oauth/token", response_model_exclude_none=True, openapi_extra=dict(_TOKEN_FORM))
async def issue_tokens(
    asked: Annotated[Backchannel, Depends(backchannel("token"))], response: Response
) -> TokensOutput:
    """Exchange a code, a refresh token or a client's credentials for tokens."""
    async with asked.begin() as session:
        asking = await asked.asking(session)
        kind = _grant_type(needed(asked.form, "grant_type"), asking.client)
        exchange: Any = {
            GrantType.AUTHORIZATION_CODE: exchanges.exchange_code,
            GrantType.REFRESH_TOKEN: exchanges.refresh,
            GrantType.CLIENT_CREDENTIALS: exchanges.grant_to_client,
        }[kind]
        outcome: Tokens | OAuthError = await exchange(session, asked.server, asking, asked.form)
    # After the commit: a refusal may have ended a whole family.
    if isinstance(outcome, OAuthError):
        raise outcome
    response.headers["Pragma"] = "no-cache"
    return TokensOutput.of(outcome)


@router.post(
    "/oauth/par",
    status_code=201,
    openapi_extra=dict(form_body("An authorization request, as the authorization endpoint takes it.")),
)
async def push_authorization_request(
    asked: Annotated[Backchannel, Depends(backchannel("push"))],
) -> PushedOutput:
    """Send an authorization request from your server; the browser then brings only its name (RFC 9126)."""
    async with asked.begin() as session:
        client = await asked.client(session)
        parameters = {name: value for name, value in asked.form.items() if name not in _CREDENTIALS}
        if "request_uri" in parameters:
            raise invalid_request("A pushed request cannot name another one.")
        held_key = await asked.proven_key()
        if held_key is not None and parameters.setdefault("dpop_jkt", held_key) != held_key:
            raise invalid_request("The dpop_jkt is not the key of the DPoP proof.")
        read_request(parameters, client)
        request_uri = await push_request(session, asked.server, parameters, client, asked.at)
    return PushedOutput(request_uri=request_uri, expires_in=int(PUSHED_LIFETIME.total_seconds()))


@router.post("/oauth/revoke", openapi_extra=dict(form_body("A token to give back.", **_ONE_TOKEN)))
async def revoke_token(asked: Annotated[Backchannel, Depends(backchannel("revoke"))]) -> Response:
    """Give a token back: all tokens of its authorization end at once. Any other token changes nothing."""
    async with asked.begin() as session:
        client = await asked.client(session)
        await inspection.revoke(session, asked.server, needed(asked.form, "token"), client, asked.at)
    return JSONResponse({})


@router.post("/oauth/introspect", openapi_extra=dict(form_body("A token to look at.", **_ONE_TOKEN)))
async def introspect_token(asked: Annotated[Backchannel, Depends(backchannel("introspect"))]) -> Response:
    """Tell a confidential client what one of its tokens is good for at this moment (RFC 7662)."""
    async with asked.begin() as session:
        client = await asked.client(session)
        if client.is_public:
            raise invalid_client()
        token = needed(asked.form, "token")
        told = await inspection.introspect(session, asked.server, token, client, asked.at)
    return JSONResponse(dict(told))


def _grant_type(name: str, client: Client) -> GrantType:
    try:
        kind = GrantType(name)
    except ValueError as error:
        raise OAuthError("unsupported_grant_type", "The grant_type is not one this server knows.") from error
    if kind not in client.grant_types:
        raise unauthorized_client("This client is not registered for this grant_type.")
    return kind
