"""Roles of clients that act for themselves: as with people, one proposes and another approves."""

from datetime import datetime
from typing import Final

from cardwright import access, approvals, audit
from cardwright.access import Role
from cardwright.approvals import Approval, ApprovalKind
from cardwright.core.errors import Conflict
from cardwright.db.session import Session
from cardwright.oauth.clients import get_client
from cardwright.oauth.domain import GrantType


async def propose_client_role(
    session: Session, client_id: str, role: Role, *, program_id: str, reason: str, by: str, at: datetime
) -> Approval:
    """Propose that a client may act for itself in a role.

    Raises NotFound `client_not_found`, Conflict `role_not_for_clients`, `role_held` or `roles_conflict`.
    """
    await _ensure_grantable(session, client_id, role, program_id)
    return await approvals.propose(
        session, CLIENT_ROLE_GRANT, program_id=program_id, subject_id=client_id,
        payload={"role": role.value}, reason=reason, by=by, at=at,
    )  # fmt: skip


async def _grant(session: Session, approval: Approval, at: datetime) -> None:
    client_id, role = approval.subject_id, Role(approval.payload["role"])
    await _ensure_grantable(session, client_id, role, approval.program_id)
    await access.add_role(session, client_id, role, by=approval.proposed_by, at=at, approval_id=approval.id)
    details = {"role": role.value, "approval_id": approval.id, "proposed_by": approval.proposed_by}
    by = str(approval.decided_by)
    await audit.record(session, by, approval.program_id, "role.granted", client_id, details, at)


async def _ensure_grantable(session: Session, client_id: str, role: Role, program_id: str) -> None:
    client = await get_client(session, client_id, program_id)
    if role is Role.CARDHOLDER or GrantType.CLIENT_CREDENTIALS not in client.grant_types:
        raise Conflict("role_not_for_clients", "Only what acts for itself has roles, and it holds no cards.")
    held = await access.find_granted(session, client_id)
    if role in held:
        raise Conflict("role_held", "This client has that role already.")
    why = access.find_conflict({*held, role})
    if why is not None:
        raise Conflict("roles_conflict", why, held=sorted(held))


CLIENT_ROLE_GRANT: Final = ApprovalKind("client_role.grant", "roles.grant", "roles.approve", _grant)
