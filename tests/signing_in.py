"""One way for tests to sign somebody in, with a second factor used just now."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import Authenticator, Authenticators, Principal
from cardwright.core.clock import Clock
from cardwright.db.session import Session
from integration.kyc.people import sign_in

_FACTOR = "x-factor-used"


class FactorUsed:
    """Takes a session for one in which a factor was used just now, when a header says so."""

    def __init__(self, sessions: Authenticator, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def authenticate(self, request: Request, session: Session) -> Principal | None:
        principal = await self._sessions.authenticate(request, session)
        if principal is None or principal.session_id is None or _FACTOR not in request.headers:
            return principal
        return replace(principal, factor_used_at=self._clock.now())


def with_factors(provided: Mapping[type, Any], clock: Clock) -> Mapping[type, Any]:
    """Return the collaborators of an application that believes `signed_in`."""
    known = Authenticators(FactorUsed(each, clock) for each in provided[Authenticators])
    return {**provided, Authenticators: known}


async def signed_in(engine: AsyncEngine, clock: Clock, user_id: str) -> dict[str, str]:
    """Return the headers of the requests of somebody who signed in and used a factor."""
    return {**await sign_in(engine, clock, user_id), _FACTOR: "now"}
