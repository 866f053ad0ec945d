"""What the routes of signing in need: a session that may await its factor, or no other site behind them."""

from typing import Annotated

from fastapi import Depends, Request

from cardwright.authentication.cookies import SessionCookies
from cardwright.authentication.domain import AuthSession
from cardwright.core.errors import Unauthenticated
from cardwright.http.cross_site import CrossSiteGate
from cardwright.http.deps import SessionDep, provided


async def _half_signed_in(
    request: Request,
    session: SessionDep,
    cookies: Annotated[SessionCookies, Depends(provided(SessionCookies))],
) -> AuthSession:
    held = await cookies.find(request, session)
    if held is None:
        raise Unauthenticated("token_missing", "Sign in first.")
    return held


HalfSignedIn = Annotated[AuthSession, Depends(_half_signed_in)]
"""The session of the request's cookie, with or without its factor; its route stands in access.ANY_SESSION."""


def _not_from_elsewhere(
    request: Request, gate: Annotated[CrossSiteGate, Depends(provided(CrossSiteGate))]
) -> None:
    gate.ensure_not_foreign(request)


NotFromElsewhere = Depends(_not_from_elsewhere)
"""For routes that set a cookie: another site could sign its visitor in as somebody else, and look on."""
