"""The end of a session at a client's wish (OpenID Connect RP-Initiated Logout)."""

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from cardwright.authentication import clear_session_cookie, revoke_session
from cardwright.core.errors import Forbidden
from cardwright.db.session import Session
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.oauth import pages
from cardwright.oauth.errors import OAuthError, invalid_request
from cardwright.oauth.forms import form_of, parameters_of
from cardwright.oauth.people import CookiesDep, find_person
from cardwright.oauth.redirects import matches, with_parameters
from cardwright.oauth.server import AuthorizationServer, ServerDep
from cardwright.oauth.store import clients
from cardwright.oauth.tokens import read_id_token_hint
from cardwright.oauth.wire import PAGES, form_body, oauth_router

router = oauth_router()

_KEPT = ("client_id", "post_logout_redirect_uri", "state")
_SEE_OTHER = 303


@router.get("/oauth/end-session", response_class=HTMLResponse, responses=PAGES)
async def end_session(
    request: Request, server: ServerDep, session: SessionDep, cookies: CookiesDep, clock: ClockDep
) -> Response:
    """Sign this browser out: at once with an id token of its very session, else after the person's yes."""
    at = clock.now()
    try:
        given = parameters_of(request.scope["query_string"])
        token = given.get("id_token_hint", "")
        hint = await read_id_token_hint(session, server, token, at) if token else None
        named = given if hint is None else {**given, "client_id": given.get("client_id", hint[0])}
        destination = await _destination(session, server, named)
    except OAuthError as error:
        return pages.refusal(error)
    person = await find_person(request, session, cookies)
    if person is None:
        return _gone(destination)
    if hint is None or hint[1] != person.session_id or named["client_id"] != hint[0]:
        return pages.leave({name: named[name] for name in _KEPT if name in named}, destination)
    await revoke_session(session, person.user_id, person.session_id, at)
    return _gone(destination)


@router.post(
    "/oauth/end-session",
    response_class=HTMLResponse,
    responses=PAGES,
    openapi_extra=dict(form_body("What the page keeps of the client's wish.")),
)
async def end_session_by_form(
    request: Request, server: ServerDep, session: SessionDep, cookies: CookiesDep, clock: ClockDep
) -> Response:
    """Sign out after the page's question."""
    try:
        destination = await _destination(session, server, await form_of(request))
        person = await find_person(request, session, cookies, is_form=True)
    except OAuthError as error:
        return pages.refusal(error)
    except Forbidden as error:
        return pages.refusal(OAuthError(error.code, error.message, status=403))
    if person is not None:
        await revoke_session(session, person.user_id, person.session_id, clock.now())
    return _gone(destination)


async def _destination(session: Session, server: AuthorizationServer, given: Mapping[str, str]) -> str | None:
    uri = given.get("post_logout_redirect_uri")
    if uri is None:
        return None
    client = await clients.find_client(session, given.get("client_id", ""), server.program_id)
    if client is None or not matches(uri, client.post_logout_redirect_uris):
        raise invalid_request("The post_logout_redirect_uri is not registered for this client.")
    return with_parameters(uri, {"state": given.get("state")})


def _gone(destination: str | None) -> Response:
    response = pages.left() if destination is None else RedirectResponse(destination, _SEE_OTHER)
    clear_session_cookie(response)
    return response
