"""What the routes of signing in need: a session, even one that still awaits its factor."""

from typing import Annotated

from fastapi import Depends, Request

from cardwright.authentication.cookies import SessionCookies
from cardwright.authentication.domain import AuthSession
from cardwright.core.errors import Unauthenticated
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
