"""Routes: sign in with an outside provider, link and unlink accounts there."""

from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from starlette.responses import RedirectResponse

from cardwright.access import Actor, allow
from cardwright.authentication import cookies as session_cookies
from cardwright.authentication.cookies import SessionCookies
from cardwright.authentication.factors.guards import Enrolling
from cardwright.authentication.federation import cookies, linking, visits
from cardwright.authentication.federation.domain import Purpose
from cardwright.authentication.federation.ports import OpenIdProviders
from cardwright.authentication.federation.returning import Returning, come_back
from cardwright.authentication.federation.schemas import (
    DepartureOutput,
    LinkList,
    LinkOutput,
    ProviderId,
    ProviderList,
    ProviderOutput,
)
from cardwright.authentication.guards import NotFromElsewhere
from cardwright.authentication.limits import GateDep
from cardwright.core.errors import CardwrightError
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep, provided
from cardwright.http.origin import current_origin
from cardwright.http.strict import Id
from cardwright.programs import Program

_SEE_OTHER: Final = 303

router = strict.router("/v1/auth", "authentication")

ProgramDep = Annotated[Program, Depends(provided(Program))]
ProvidersDep = Annotated[OpenIdProviders, Depends(provided(OpenIdProviders))]
ReadsAccount = Annotated[Actor, Depends(allow("account.read"))]


@router.get("/providers")
async def list_providers(providers: ProvidersDep) -> ProviderList:
    """List the outside providers that people may sign in with."""
    found = [ProviderOutput(id=provider_id, name=it.name) for provider_id, it in providers.by_id.items()]
    return ProviderList(data=found)


@router.post("/providers/{provider_id}/sign-in", dependencies=[NotFromElsewhere])
async def begin_provider_sign_in(
    provider_id: ProviderId,
    response: Response,
    program: ProgramDep,
    providers: ProvidersDep,
    gate: GateDep,
    begin: TransactionsDep,
    clock: ClockDep,
) -> DepartureOutput:
    """Begin to sign in with a provider: send the browser to the address of the answer.

    It comes back to us, and lands on the page `/signed-in` with an `outcome` or an `error` in its address.
    """
    await gate.admit_subject("provider", gate.limits.provider, gate.client)
    departure = await visits.depart(providers, provider_id)
    async with begin() as session:
        await visits.keep(
            session, departure, program_id=program.id, provider_id=provider_id, purpose=Purpose.SIGN_IN,
            at=clock.now(),
        )  # fmt: skip
    cookies.attach(response, departure)
    return DepartureOutput(authorization_url=departure.url)


@router.post("/providers/{provider_id}/link")
async def begin_provider_link(
    provider_id: ProviderId,
    response: Response,
    enroller: Enrolling,
    providers: ProvidersDep,
    session: SessionDep,
    clock: ClockDep,
) -> DepartureOutput:
    """Begin to link an account at a provider, right after using a factor or, without any, signing in."""
    departure = await visits.depart(providers, provider_id)
    await visits.keep(
        session, departure, program_id=enroller.owner.program_id, provider_id=provider_id,
        purpose=Purpose.LINK, session_id=enroller.session_id, at=clock.now(),
    )  # fmt: skip
    cookies.attach(response, departure)
    return DepartureOutput(authorization_url=departure.url)


@router.get("/providers/{provider_id}/callback", include_in_schema=False)
async def finish_with_provider(
    provider_id: str,
    request: Request,
    providers: ProvidersDep,
    begin: TransactionsDep,
    clock: ClockDep,
    known: Annotated[SessionCookies, Depends(provided(SessionCookies))],
) -> Response:
    """Take up what a provider sent the browser back with; people see a page of ours, whatever it was."""
    origin = current_origin()
    returning = Returning(
        provider_id=provider_id,
        secret=cookies.secret_of(request),
        parameters={name: request.query_params.getlist(name) for name in request.query_params},
        session_secret=session_cookies.secret_of(request),
        find_session=partial(known.find, request),
        user_agent=origin.user_agent if origin else None,
    )
    try:
        outcome, opened = await come_back(begin, providers, returning, clock.now())
        response = RedirectResponse(f"{providers.landing_url}?outcome={outcome}", _SEE_OTHER)
        if opened is not None:
            session_cookies.attach(response, opened)
    except CardwrightError as error:
        response = RedirectResponse(f"{providers.landing_url}?error={error.code}", _SEE_OTHER)
    cookies.clear(response)
    return response


@router.get("/linked-identities")
async def list_linked_identities(actor: ReadsAccount, session: SessionDep) -> LinkList:
    """List the accounts at providers that sign in as you."""
    found = await linking.list_links(session, actor.user_id)
    return LinkList(data=[LinkOutput.of(link) for link in found])


@router.delete("/linked-identities/{link_id}", status_code=204)
async def unlink_identity(link_id: Id, enroller: Enrolling, session: SessionDep, clock: ClockDep) -> None:
    """Let an account at a provider sign nobody in any more; your last way in stays."""
    await linking.unlink(session, enroller.owner.user_id, link_id, clock.now())
