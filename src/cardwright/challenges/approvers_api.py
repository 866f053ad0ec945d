"""Routes: who else may answer for a card, and the invitations to."""

from typing import Annotated

from fastapi import Depends

from cardwright.access import Actor, allow
from cardwright.challenges import approvers
from cardwright.challenges.schemas import (
    ApproverList,
    ApproverOutput,
    InvitationInput,
    InvitationList,
    InvitationOutput,
)
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Id

router = strict.router("/v1", "challenges")

Holder = Annotated[Actor, Depends(allow("approvers.write"))]
SureHolder = Annotated[Actor, Depends(allow("approvers.write", step_up=True))]
Invited = Annotated[Actor, Depends(allow("challenges.decide"))]


@router.get("/cards/{card_id}/approvers")
async def list_approvers(card_id: Id, actor: Holder, session: SessionDep, clock: ClockDep) -> ApproverList:
    """List whom you asked to answer for your card beside you."""
    found = await approvers.list_approvers(session, card_id, by=actor.principal, at=clock.now())
    return ApproverList(data=[ApproverOutput.of(approver) for approver in found])


@router.post("/cards/{card_id}/approvers", status_code=202)
async def invite_approver(
    card_id: Id, body: InvitationInput, actor: SureHolder, session: SessionDep, clock: ClockDep
) -> ApproverOutput:
    """Ask somebody to answer for your card, too; the answer is the same whether the address is known."""
    invited = await approvers.invite(session, card_id, body.email, by=actor.principal, at=clock.now())
    return ApproverOutput.of(invited)


@router.delete("/cards/{card_id}/approvers/{approver_id}", status_code=204)
async def remove_approver(
    card_id: Id, approver_id: Id, actor: Holder, session: SessionDep, clock: ClockDep
) -> None:
    """End at once that somebody may answer for your card, or take the invitation back."""
    await approvers.remove(session, card_id, approver_id, by=actor.principal, at=clock.now())


@router.get("/approver-invitations")
async def list_approver_invitations(actor: Invited, session: SessionDep, clock: ClockDep) -> InvitationList:
    """List the invitations to you: those you may accept, and those you accepted."""
    found = await approvers.list_invitations(session, to=actor.user_id, at=clock.now())
    return InvitationList(data=[InvitationOutput.of(invitation) for invitation in found])


@router.post("/approver-invitations/{invitation_id}/accept")
async def accept_approver_invitation(
    invitation_id: Id, actor: Invited, session: SessionDep, clock: ClockDep
) -> InvitationOutput:
    """Agree to answer for somebody's card; your identity must be verified."""
    accepted = await approvers.accept(session, invitation_id, by=actor.principal, at=clock.now())
    return InvitationOutput.of(accepted)


@router.post("/approver-invitations/{invitation_id}/decline")
async def decline_approver_invitation(
    invitation_id: Id, actor: Invited, session: SessionDep, clock: ClockDep
) -> InvitationOutput:
    """Turn an invitation down, or stop answering for a card."""
    declined = await approvers.decline(session, invitation_id, by=actor.principal, at=clock.now())
    return InvitationOutput.of(declined)
