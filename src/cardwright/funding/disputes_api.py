"""Disputes of top-ups over HTTP."""

from typing import Annotated

from fastapi import Depends

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.funding import disputes
from cardwright.funding.schemas import TopUpDisputeOutput
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Id

router = strict.router("/v1/top-up-disputes", "funding")
Reader = Annotated[Actor, Depends(allow("top_up_disputes.read"))]


@router.get("")
async def list_top_up_disputes(
    session: SessionDep, clock: ClockDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[TopUpDisputeOutput]:
    """List the disputes of one's own top-ups, newest first; for staff, everybody's."""
    found = await disputes.list_visible(session, actor.viewer, cursor=cursor, limit=limit)
    if actor.reach is Reach.ANY:
        await audit.record_look(
            session, actor, "top_up_disputes.read", actor.program_id, clock.now(), cursor=cursor
        )
    return pagination.page(found, limit, show=TopUpDisputeOutput.of, cursor_of=lambda dispute: dispute.id)


@router.get("/{top_up_dispute_id}")
async def get_top_up_dispute(
    session: SessionDep, clock: ClockDep, actor: Reader, top_up_dispute_id: Id
) -> TopUpDisputeOutput:
    """Show one of them; for staff, anybody's."""
    found = await disputes.get_dispute(session, top_up_dispute_id, viewer=actor.viewer)
    at = clock.now()
    await audit.record_look(session, actor, "top_up_dispute.read", found.id, at, owner_id=found.user_id)
    return TopUpDisputeOutput.of(found)
