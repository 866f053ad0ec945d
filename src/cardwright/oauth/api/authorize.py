"""Where a person lets a client act for them: the authorization endpoint and the question of consent."""

from typing import Annotated, Literal, Self

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from cardwright.access import Actor, allow
from cardwright.core.errors import CardwrightError, Forbidden
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Id, Input, Output
from cardwright.oauth import authorization, pages
from cardwright.oauth.authorization import OpenInteraction
from cardwright.oauth.errors import OAuthError, invalid_request
from cardwright.oauth.forms import form_of, needed
from cardwright.oauth.frontchannel import Halt, Visit, sign_in_address
from cardwright.oauth.people import CookiesDep, Person, get_person
from cardwright.oauth.server import ServerDep
from cardwright.oauth.wire import PAGES, form_body, oauth_router

router = oauth_router()
# What our own pages ask for in JSON answers by problem documents, as the rest of the API does.
interactions = strict.router("", "oauth")

WritesAccount = Annotated[Actor, Depends(allow("account.write"))]
_SEE_OTHER = 303


class InteractionOutput(Output):
    """An application that waits for a person's yes or no."""

    id: str = Field(examples=["consent_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    client_id: str
    client_name: str = Field(examples=["Tally Accounting"])
    scopes: list[str] = Field(examples=[["openid", "payments.read"]])
    redirect_uri: str

    @classmethod
    def of(cls, waiting: OpenInteraction) -> Self:
        """Show what waits to the person it waits for."""
        return cls(
            id=waiting.id,
            client_id=waiting.client.id,
            client_name=waiting.client.name,
            scopes=sorted(waiting.request.scopes),
            redirect_uri=waiting.request.redirect_uri,
        )


class DecisionInput(Input):
    """A person's answer."""

    decision: Literal["approved", "refused"] = Field(examples=["approved"])


class DecisionOutput(Output):
    """Where the browser goes with the answer."""

    redirect_to: str


@router.get("/oauth/authorize", response_class=HTMLResponse, responses=PAGES)
async def authorize(
    request: Request, server: ServerDep, session: SessionDep, cookies: CookiesDep, clock: ClockDep
) -> Response:
    """Ask the person in this browser to let a client act for them; the answer goes to its redirect URI.

    Authorization codes with PKCE S256 only. What is wrong before the redirect URI is known to be the client's
    is shown, and sent nowhere.
    """
    try:
        answer = await Visit(request, session, server, cookies, clock.now()).answer()
    except OAuthError as error:
        return pages.refusal(error)
    if not isinstance(answer, Halt):
        return RedirectResponse(answer.url, _SEE_OTHER)
    address = sign_in_address(server, answer)
    if address is not None:
        return RedirectResponse(address, _SEE_OTHER)
    return pages.halt(answer.missing, answer.client_name)


@router.get("/oauth/consent/{interaction_id}", response_class=HTMLResponse, responses=PAGES)
async def show_consent_page(
    interaction_id: Id, request: Request, session: SessionDep, cookies: CookiesDep, clock: ClockDep
) -> Response:
    """Show the question of consent as a page without scripts."""
    try:
        person = await get_person(request, session, cookies)
        waiting = await authorization.get_interaction(session, interaction_id, person, clock.now())
    except CardwrightError as error:
        return pages.refusal(_shown(error))
    return pages.consent(waiting)


@router.post(
    "/oauth/consent/{interaction_id}",
    response_class=HTMLResponse,
    responses=PAGES,
    openapi_extra=dict(form_body("The page's buttons.", decision="approved or refused (required)")),
)
async def decide_by_form(
    interaction_id: Id, request: Request, server: ServerDep, session: SessionDep, cookies: CookiesDep,
    clock: ClockDep,
) -> Response:  # fmt: skip
    """Answer the page's question; the browser goes on to the client."""
    try:
        is_approved = _is_approved(needed(await form_of(request), "decision"))
        person = await get_person(request, session, cookies, is_form=True)
        address = await authorization.decide(
            session, server, interaction_id, person, clock.now(), is_approved=is_approved
        )
    except OAuthError as error:
        return pages.refusal(error)
    except CardwrightError as error:
        return pages.refusal(_shown(error))
    return RedirectResponse(address, _SEE_OTHER)


@interactions.get("/v1/oauth/interactions/{interaction_id}")
async def get_interaction(
    interaction_id: Id, actor: WritesAccount, request: Request, session: SessionDep, cookies: CookiesDep,
    clock: ClockDep,
) -> InteractionOutput:  # fmt: skip
    """Show an application that waits for your consent; only in the session in which it asked."""
    person = await _person(actor, request, session, cookies)
    waiting = await authorization.get_interaction(session, interaction_id, person, clock.now())
    return InteractionOutput.of(waiting)


@interactions.post("/v1/oauth/interactions/{interaction_id}")
async def decide_interaction(
    interaction_id: Id, body: DecisionInput, actor: WritesAccount, request: Request, server: ServerDep,
    session: SessionDep, cookies: CookiesDep, clock: ClockDep,
) -> DecisionOutput:  # fmt: skip
    """Let the application act for you, or do not; then send the browser where the answer says."""
    person = await _person(actor, request, session, cookies)
    address = await authorization.decide(
        session, server, interaction_id, person, clock.now(), is_approved=_is_approved(body.decision)
    )
    return DecisionOutput(redirect_to=address)


async def _person(actor: Actor, request: Request, session: Session, cookies: CookiesDep) -> Person:
    if actor.principal.client_id is not None:
        raise Forbidden("session_needed", "Only a person in their own browser gives consent.")
    return await get_person(request, session, cookies)


def _is_approved(decision: str) -> bool:
    if decision not in {"approved", "refused"}:
        raise invalid_request("The decision is approved or refused.")
    return decision == "approved"


def _shown(error: CardwrightError) -> OAuthError:
    statuses = {"unauthenticated": 401, "forbidden": 403, "not_found": 404, "conflict": 409}
    return OAuthError(error.code, error.message, status=statuses.get(error.kind, 400))
