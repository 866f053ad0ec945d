"""Routes: the inbox of purchases to confirm, and answering them."""

from typing import Annotated

from fastapi import Depends, Query, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.challenges import service
from cardwright.challenges.domain import Challenge, ChallengeState
from cardwright.challenges.schemas import ChallengeOutput, RefusalInput
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id

router = strict.router("/v1/challenges", "challenges")

Reader = Annotated[Actor, Depends(allow("challenges.read"))]
Approver = Annotated[Actor, Depends(allow("challenges.decide", step_up=True))]
Refuser = Annotated[Actor, Depends(allow("challenges.decide"))]
OfCard = Annotated[
    str | None, Query(pattern=ID_PATTERN, max_length=40, description="Only those of this card.")
]
_AMONG_PENDING = "open"


@router.get("")
async def list_challenges(
    actor: Reader, session: SessionDep, clock: ClockDep, card_id: OfCard = None, limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[ChallengeOutput]:  # fmt: skip
    """List the purchases that you may answer for, pending first, then newest; for staff, everybody's."""
    now = clock.now()
    found = await service.list_visible(
        session, actor.viewer, card_id=card_id, after=_after(cursor), limit=limit + 1
    )
    if actor.reach is Reach.ANY:
        await audit.record_look(
            session, actor, "challenges.read", actor.program_id, now, card_id=card_id, cursor=cursor
        )
    return page(found, limit, show=lambda it: ChallengeOutput.of(it, actor, now), cursor_of=_cursor)


@router.get("/{challenge_id}")
async def get_challenge(
    challenge_id: Id, actor: Reader, session: SessionDep, clock: ClockDep
) -> ChallengeOutput:
    """Show one of them."""
    now = clock.now()
    found = await service.get_visible(session, challenge_id, actor.viewer)
    if actor.reach is Reach.ANY:
        await audit.record_look(session, actor, "challenge.read", found.id, now, owner_id=found.user_id)
    return ChallengeOutput.of(found, actor, now)


@router.post("/{challenge_id}/approve", response_model=ChallengeOutput)
async def approve_challenge(challenge_id: Id, actor: Approver, call: IdempotencyDep) -> Response:
    """Confirm a purchase; this needs a strong factor used lately."""
    now = call.clock.now()

    async def effect() -> ChallengeOutput:
        approved = await service.approve(call.session, challenge_id, by=actor.principal, at=now)
        return ChallengeOutput.of(approved, actor, now)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/{challenge_id}/refuse", response_model=ChallengeOutput)
async def refuse_challenge(
    challenge_id: Id, body: RefusalInput, actor: Refuser, call: IdempotencyDep
) -> Response:
    """Refuse a purchase; reporting fraud freezes nothing by itself."""
    now = call.clock.now()

    async def effect() -> ChallengeOutput:
        refused = await service.refuse(
            call.session, challenge_id, report_fraud=body.report_fraud, by=actor.principal, at=now
        )
        return ChallengeOutput.of(refused, actor, now)

    return await call.once(actor.user_id, effect, status=200)


def _cursor(challenge: Challenge) -> str:
    # Which part of the list a page ended in is said by the prefix: the challenge may be decided by the next.
    is_pending = challenge.state is ChallengeState.PENDING
    return f"{_AMONG_PENDING}_{challenge.id.partition('_')[2]}" if is_pending else challenge.id


def _after(cursor: str | None) -> tuple[bool, str] | None:
    if cursor is None:
        return None
    prefix, _, rest = cursor.partition("_")
    return prefix == _AMONG_PENDING, f"chal_{rest}"
