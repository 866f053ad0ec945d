"""The cookie that stands for a session: no script reads it, and no other site makes use of it."""

from typing import Final

from fastapi import Request, Response

from cardwright.access import Principal
from cardwright.authentication.domain import AuthSession
from cardwright.authentication.sessions import OpenedSession, find_session_of_secret, session_ended
from cardwright.core.clock import Clock
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http.cross_site import CrossSiteGate
from cardwright.http.origin import BROWSER_COOKIE

# The prefix makes browsers refuse it from a sibling domain or without TLS: nobody else can plant one.
COOKIE: Final = "__Host-cardwright"
# As long as browsers keep any cookie.
_BROWSER_SECONDS: Final = 400 * 24 * 3600


def attach(response: Response, opened: OpenedSession) -> None:
    """Give the browser the cookie of a session, for as long as the session may last."""
    held = opened.session
    response.set_cookie(
        COOKIE,
        opened.secret.reveal(),
        max_age=int((held.expires_at - held.last_seen_at).total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    if opened.browser_id is not None:
        response.set_cookie(
            BROWSER_COOKIE, opened.browser_id.reveal(), max_age=_BROWSER_SECONDS, path="/", secure=True,
            httponly=True, samesite="lax",
        )  # fmt: skip


def clear(response: Response) -> None:
    """Let the browser forget its session; it is known again when somebody signs in there."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def secret_of(request: Request) -> str | None:
    """Return what the session's cookie holds, good or not."""
    return request.cookies.get(COOKIE)


class SessionCookies:
    """Accepts the cookies of living sessions, from our own pages only."""

    def __init__(self, clock: Clock, gate: CrossSiteGate) -> None:
        self._clock = clock
        self._gate = gate

    async def authenticate(self, request: Request, session: Session) -> Principal | None:
        """Return who is signed in; None without a cookie, or with credentials that a browser does not add.

        Raises Unauthenticated `session_ended` or `factor_required`, and Forbidden `cross_site_refused`.
        """
        held = await self.find(request, session)
        if held is None:
            return None
        if held.awaits_factor:
            raise Unauthenticated("factor_required", "Finish signing in with your second factor.")
        return Principal(held.user_id, held.program_id, held.id, factor_used_at=held.factor_used_at)

    async def find(self, request: Request, session: Session, *, is_form: bool = False) -> AuthSession | None:
        """Return the living session of a request, even while it awaits its factor; None without a cookie.

        A plain form of our own pages (`is_form`) cannot send our header; the browser's word has to do.
        """
        secret = secret_of(request)
        if secret is None or "authorization" in request.headers:
            return None
        if is_form:
            self._gate.ensure_from_here(request)
        else:
            self._gate.ensure_deliberate(request)
        at = self._clock.now()
        held = await find_session_of_secret(session, secret, at)
        if held is None:
            raise session_ended()
        if held.is_sighting_due(at):
            request.state.sighting = (held.id, at)
        return held
