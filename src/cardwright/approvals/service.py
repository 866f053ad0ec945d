"""Proposing, deciding, taking back, and letting proposals run out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cardwright import audit
from cardwright.access import Principal, permits
from cardwright.approvals import store
from cardwright.approvals.domain import Approval, ApprovalState, Step, ensure_open, ensure_other
from cardwright.approvals.kinds import ApprovalKind, ApprovalKinds
from cardwright.core.errors import Conflict, Forbidden, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

REJECTED: Final = "approvals.proposal_rejected"
_EXPIRED_AT_ONCE: Final = 200
_ACTIONS: Final[Mapping[ApprovalState, audit.Action]] = {
    ApprovalState.PROPOSED: "approval.proposed",
    ApprovalState.APPROVED: "approval.approved",
    ApprovalState.APPLIED: "approval.applied",
    ApprovalState.REJECTED: "approval.rejected",
    ApprovalState.WITHDRAWN: "approval.withdrawn",
    ApprovalState.EXPIRED: "approval.expired",
}


async def propose(
    session: Session,
    kind: ApprovalKind,
    *,
    program_id: str,
    subject_id: str,
    payload: Mapping[str, Any],
    reason: str,
    by: str,
    at: datetime,
) -> Approval:
    """Store what `by` wants done, for another to decide; the slice has checked that it makes sense now."""
    approval = Approval(
        id=new_id("appr"), program_id=program_id, kind=kind.name, subject_id=subject_id, payload=payload,
        payload_digest=store.digest_of(payload), reason=reason, state=ApprovalState.PROPOSED, proposed_by=by,
        proposed_at=at, expires_at=at + kind.open_for, decided_by=None, decided_at=None, note=None,
    )  # fmt: skip
    await store.insert_proposal(session, approval)
    await _record(session, approval, ApprovalState.PROPOSED, by, at)
    return approval


async def approve(
    session: Session, kinds: ApprovalKinds, approval_id: str, *, by: Principal, note: str | None, at: datetime
) -> Approval:
    """Approve and apply, in one transaction; whatever the effect raises leaves the proposal open.

    Raises NotFound, Forbidden `four_eyes` or `permission_missing`, Conflict `approval_closed`,
    `approval_expired` or `proposer_not_permitted`, and what the kind's effect raises.
    """
    approval, kind = await _decidable(session, kinds, approval_id, by, at)
    if not await permits(session, Principal(approval.proposed_by, approval.program_id), kind.propose):
        raise Conflict("proposer_not_permitted", "Who proposed this may no longer propose it.")
    decided = await _decide(session, approval, ApprovalState.APPROVED, by.user_id, note, at)
    await kind.effect(session, decided, at)
    await store.save_state(session, approval.id, ApprovalState.APPLIED, at)
    await _record(session, decided, ApprovalState.APPLIED, by.user_id, at)
    return replace(decided, state=ApprovalState.APPLIED)


async def reject(
    session: Session, kinds: ApprovalKinds, approval_id: str, *, by: Principal, note: str | None, at: datetime
) -> Approval:
    """Refuse a proposal for good, of which whoever proposed it is told; raises what `approve` raises."""
    approval, _ = await _decidable(session, kinds, approval_id, by, at)
    told = {"user_id": approval.proposed_by, "approval_id": approval.id, "kind": approval.kind}
    await outbox.append(session, Event(REJECTED, approval.program_id, approval.id, at, told))
    return await _decide(session, approval, ApprovalState.REJECTED, by.user_id, note, at)


async def withdraw(session: Session, approval_id: str, *, by: Principal, at: datetime) -> Approval:
    """Take one's own proposal back; raises NotFound for anybody else's and Conflict `approval_closed`."""
    approval = await store.find_approval_for_update(session, by.program_id, approval_id)
    if approval is None or approval.proposed_by != by.user_id:
        raise _unknown()
    ensure_open(approval, at)
    await store.save_state(session, approval.id, ApprovalState.WITHDRAWN, at)
    await _record(session, approval, ApprovalState.WITHDRAWN, by.user_id, at)
    return replace(approval, state=ApprovalState.WITHDRAWN)


async def expire_approvals(work: Work) -> int:
    """Close the proposals whose time is over; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        overdue = await store.overdue_for_update(session, at, _EXPIRED_AT_ONCE)
        for approval in overdue:
            await store.save_state(session, approval.id, ApprovalState.EXPIRED, at)
            await _record(session, approval, ApprovalState.EXPIRED, "system", at)
    return len(overdue)


async def get_visible(
    session: Session, kinds: ApprovalKinds, approval_id: str, viewer: Principal
) -> tuple[Approval, Sequence[Step]]:
    """Return a proposal and its history, for whom `list_visible` would show it; raise NotFound otherwise."""
    approval = await store.find_approval(session, viewer.program_id, approval_id)
    shown = await _visible_kinds(session, kinds, viewer)
    if approval is None or not (
        approval.proposed_by == viewer.user_id or shown is None or approval.kind in shown
    ):
        raise _unknown()
    return approval, await store.list_steps(session, approval_id)


async def list_visible(
    session: Session,
    kinds: ApprovalKinds,
    viewer: Principal,
    *,
    state: ApprovalState | None,
    before: str | None,
    limit: int,
) -> Sequence[Approval]:
    """Return what the viewer proposed and may decide, or everything to readers of the trail; newest first."""
    shown = await _visible_kinds(session, kinds, viewer)
    return await store.list_approvals(
        session, viewer.program_id, proposed_by=viewer.user_id, kinds=shown, state=state, before=before,
        limit=limit,
    )  # fmt: skip


async def _visible_kinds(session: Session, kinds: ApprovalKinds, viewer: Principal) -> frozenset[str] | None:
    if await permits(session, viewer, "audit.read"):
        return None
    return frozenset([name for name, kind in kinds.items() if await permits(session, viewer, kind.decide)])


async def _decidable(
    session: Session, kinds: ApprovalKinds, approval_id: str, by: Principal, at: datetime
) -> tuple[Approval, ApprovalKind]:
    await store.lock_decisions(session, by.program_id)
    approval = await store.find_approval_for_update(session, by.program_id, approval_id)
    kind = kinds.get(approval.kind) if approval is not None else None
    if approval is None or kind is None:
        raise _unknown()
    if not await permits(session, by, kind.decide):
        # Whoever may see it is told why; to everybody else it does not exist.
        await get_visible(session, kinds, approval_id, by)
        raise Forbidden("permission_missing", f"This needs the permission {kind.decide}.")
    ensure_other(approval, by.user_id)
    ensure_open(approval, at)
    return approval, kind


async def _decide(
    session: Session, approval: Approval, state: ApprovalState, by: str, note: str | None, at: datetime
) -> Approval:
    await store.save_decision(session, approval.id, state, by=by, note=note, at=at)
    await _record(session, approval, state, by, at)
    return replace(approval, state=state, decided_by=by, decided_at=at, note=note)


async def _record(session: Session, before: Approval, state: ApprovalState, by: str, at: datetime) -> None:
    was = None if state is ApprovalState.PROPOSED else {"state": before.state.value}
    details = {
        "kind": before.kind,
        "subject_id": before.subject_id,
        "payload_digest": before.payload_digest,
        "before": was,
        "after": {"state": state.value},
    }
    await audit.record(session, by, before.program_id, _ACTIONS[state], before.id, details, at)


def _unknown() -> NotFound:
    return NotFound("approval_unknown", "There is no such proposal.")
