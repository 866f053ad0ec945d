"""Who may add a factor: somebody who has just used one, or, before the first, has just signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends

from cardwright.access import STEP_UP_WINDOW, Actor, allow
from cardwright.authentication.factors.codes_store import has_factor
from cardwright.authentication.factors.domain import Owner
from cardwright.authentication.session_store import find_session
from cardwright.core.errors import Forbidden, Unauthenticated
from cardwright.db.session import Session
from cardwright.http.deps import ClockDep, SessionDep


@dataclass(frozen=True, slots=True)
class Enroller:
    """Somebody who may add a factor in their session."""

    owner: Owner
    session_id: str


async def _may_enrol(
    actor: Annotated[Actor, Depends(allow("account.write"))], session: SessionDep, clock: ClockDep
) -> Enroller:
    session_id = first_party_session(actor)
    if await has_factor(session, actor.user_id):
        actor.ensure_recent_factor(clock.now())
    else:
        await _ensure_just_signed_in(session, session_id, clock.now())
    return Enroller(owner_of(actor), session_id)


Enrolling = Annotated[Enroller, Depends(_may_enrol)]


def owner_of(actor: Actor) -> Owner:
    """Return whose factors an actor changes: only ever their own."""
    return Owner(actor.user_id, actor.program_id)


def first_party_session(actor: Actor) -> str:
    """Return the id of the actor's own session; Forbidden for applications that act for somebody."""
    if actor.principal.session_id is None or actor.principal.scopes is not None:
        raise Forbidden("session_required", "Factors are changed in a browser's session only.")
    return actor.principal.session_id


async def _ensure_just_signed_in(session: Session, session_id: str, at: datetime) -> None:
    held = await find_session(session, session_id)
    if held is None or at - held.created_at > STEP_UP_WINDOW:
        raise Unauthenticated(
            "sign_in_again",
            "Sign in again, then add your first factor.",
            max_age_seconds=int(STEP_UP_WINDOW.total_seconds()),
        )
