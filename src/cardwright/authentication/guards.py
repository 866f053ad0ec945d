"""Who is asking, by an access token of a session that is alive."""

from fastapi import Request

from cardwright.access import Principal
from cardwright.authentication.sessions import find_principal
from cardwright.authentication.tokens import TokenSigner
from cardwright.core.clock import Clock
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http.credentials import bearer_token


class SessionTokens:
    """Accepts the access tokens that signing in gives."""

    def __init__(self, signer: TokenSigner, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    async def authenticate(self, request: Request, session: Session) -> Principal | None:
        """Return who a genuine token stands for; the session is looked up, so that ending it acts at once."""
        token = bearer_token(request)
        if token is None:
            return None
        at = self._clock.now()
        principal = await find_principal(session, self._signer.verify(token, at=at), at)
        if principal is None:
            raise Unauthenticated("session_ended", "This session was ended or has expired; sign in again.")
        return principal
