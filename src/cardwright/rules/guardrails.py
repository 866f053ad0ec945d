"""Guardrails: conditions under which no rule may decline or challenge, kept for every publication to come."""

from datetime import datetime
from typing import Final

from cardwright import approvals
from cardwright.approvals import Approval, ApprovalKind
from cardwright.audit import Action, record
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.rules import guardrail_store, lists
from cardwright.rules.domain import KeptGuardrail
from cardwright.rules.proofs import MAX_GUARDRAILS, Guardrail, check_guardrails


async def keep(
    session: Session, program_id: str, guardrail: Guardrail, *, reason: str, by: str, at: datetime
) -> KeptGuardrail:
    """Keep a guardrail from now on.

    Raises Invalid for a condition with faults, Conflict `guardrail_name_taken` and `too_many_guardrails`.
    """
    catalogue = await lists.catalogue_of(session, program_id)
    check_guardrails([guardrail], catalogue)
    await guardrail_store.lock_guardrails(session, program_id)
    present = {kept.name for kept in await guardrail_store.kept_guardrails(session, program_id)}
    if guardrail.name in present:
        raise Conflict("guardrail_name_taken", "Another guardrail is called that; drop it first.")
    if len(present) == MAX_GUARDRAILS:
        raise Conflict("too_many_guardrails", f"A program keeps at most {MAX_GUARDRAILS} guardrails.")
    kept = KeptGuardrail(new_id("guard"), guardrail.name, guardrail.when, reason, by, at)
    await guardrail_store.insert_guardrail(session, program_id, kept)
    await _record(session, program_id, "guardrail.kept", kept, reason, by, at)
    return kept


async def propose_drop(
    session: Session, program_id: str, guardrail_id: str, *, reason: str, by: str, at: datetime
) -> Approval:
    """Propose to keep a guardrail no longer, for another to approve; raise NotFound `guardrail_unknown`."""
    kept = await guardrail_store.find_guardrail(session, program_id, guardrail_id)
    if kept is None:
        raise NotFound("guardrail_unknown", "There is no such guardrail.")
    return await approvals.propose(
        session, GUARDRAIL_DROP, program_id=program_id, subject_id=guardrail_id,
        payload={"name": kept.name, "when": kept.when}, reason=reason, by=by, at=at,
    )  # fmt: skip


async def _drop(session: Session, approval: Approval, at: datetime) -> None:
    program_id = approval.program_id
    await guardrail_store.lock_guardrails(session, program_id)
    gone = await guardrail_store.delete_guardrail(session, program_id, approval.subject_id)
    if gone is None:
        raise Conflict("guardrail_gone", "This guardrail was dropped already.")
    more = {"author_id": approval.proposed_by, "approval_id": approval.id}
    by = str(approval.decided_by)
    await _record(session, program_id, "guardrail.dropped", gone, approval.reason, by, at, **more)


async def _record(
    session: Session, program_id: str, action: Action, guardrail: KeptGuardrail, reason: str, by: str,
    at: datetime, **more: str,
) -> None:  # fmt: skip
    details = {"name": guardrail.name, "when": guardrail.when, "reason": reason, **more}
    await record(session, by, program_id, action, guardrail.id, details, at)


GUARDRAIL_DROP: Final = ApprovalKind("guardrail.drop", "rules.write", "rules.approve", _drop)
