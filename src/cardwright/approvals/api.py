"""Routes: what waits for a decision, and deciding it."""

from typing import Annotated

from fastapi import Depends, Query, Response

from cardwright.access import Actor, Reach, allow
from cardwright.approvals import service
from cardwright.approvals.domain import ApprovalState
from cardwright.approvals.kinds import ApprovalKinds
from cardwright.approvals.schemas import (
    ApprovalDetailOutput,
    ApprovalOutput,
    DecisionInput,
    RejectionInput,
)
from cardwright.http import strict
from cardwright.http.deps import IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id

router = strict.router("/v1/approvals", "approvals")

Reader = Annotated[Actor, Depends(allow("approvals.read", reach=Reach.ANY))]
Decider = Annotated[Actor, Depends(allow("approvals.decide", reach=Reach.ANY))]
Proposer = Annotated[Actor, Depends(allow("approvals.withdraw"))]
Kinds = Annotated[ApprovalKinds, Depends(provided(ApprovalKinds))]
StateFilter = Annotated[ApprovalState | None, Query(description="Only those in this state.")]


@router.get("")
async def list_approvals(
    actor: Reader, session: SessionDep, kinds: Kinds, state: StateFilter = None, limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[ApprovalOutput]:  # fmt: skip
    """List what you proposed and what you may decide, newest first; readers of the trail see everything."""
    found = await service.list_visible(
        session, kinds, actor.principal, state=state, before=cursor, limit=limit + 1
    )
    return page(found, limit, show=ApprovalOutput.model_validate, cursor_of=lambda approval: approval.id)


@router.get("/{approval_id}")
async def get_approval(
    approval_id: Id, actor: Reader, session: SessionDep, kinds: Kinds
) -> ApprovalDetailOutput:
    """Show one proposal with its history."""
    return ApprovalDetailOutput.of(*await service.get_visible(session, kinds, approval_id, actor.principal))


@router.post("/{approval_id}/approve", response_model=ApprovalOutput)
async def approve_proposal(
    approval_id: Id, body: DecisionInput, actor: Decider, call: IdempotencyDep, kinds: Kinds
) -> Response:
    """Approve what somebody else proposed: it is done at once, or it is refused whole."""

    async def effect() -> ApprovalOutput:
        approved = await service.approve(
            call.session, kinds, approval_id, by=actor.principal, note=body.note, at=call.clock.now()
        )
        return ApprovalOutput.model_validate(approved)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/{approval_id}/reject", response_model=ApprovalOutput)
async def reject_proposal(
    approval_id: Id, body: RejectionInput, actor: Decider, call: IdempotencyDep, kinds: Kinds
) -> Response:
    """Refuse what somebody else proposed."""

    async def effect() -> ApprovalOutput:
        rejected = await service.reject(
            call.session, kinds, approval_id, by=actor.principal, note=body.note, at=call.clock.now()
        )
        return ApprovalOutput.model_validate(rejected)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/{approval_id}/withdraw", response_model=ApprovalOutput)
async def withdraw_proposal(approval_id: Id, actor: Proposer, call: IdempotencyDep) -> Response:
    """Take back what you proposed."""

    async def effect() -> ApprovalOutput:
        withdrawn = await service.withdraw(call.session, approval_id, by=actor.principal, at=call.clock.now())
        return ApprovalOutput.model_validate(withdrawn)

    return await call.once(actor.user_id, effect, status=200)
