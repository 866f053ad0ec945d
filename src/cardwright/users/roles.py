"""Giving and taking roles: an administrator proposes, another approves; at first, the operator."""

from datetime import datetime
from typing import Final

from cardwright import access, approvals, audit
from cardwright.access import Role
from cardwright.approvals import Approval, ApprovalKind
from cardwright.authentication import find_identity
from cardwright.core.errors import Conflict, NotFound
from cardwright.db.session import Session

OPERATOR: Final = "operator"
"""Who acts in the trail when a command on the database's host does."""

_ENOUGH_ADMINISTRATORS: Final = 2


async def propose_grant(
    session: Session, user_id: str, role: Role, *, program_id: str, reason: str, by: str, at: datetime
) -> Approval:
    """Propose that somebody gets a role.

    Raises NotFound `user_not_found`, Conflict `role_held` or `roles_conflict`.
    """
    await _ensure_grantable(session, user_id, role, program_id)
    return await _propose(session, ROLE_GRANT, user_id, role, program_id, reason, by, at)


async def propose_revocation(
    session: Session, user_id: str, role: Role, *, program_id: str, reason: str, by: str, at: datetime
) -> Approval:
    """Propose that somebody loses a role; raises NotFound `user_not_found`, Conflict `role_not_held`."""
    await _ensure_revocable(session, user_id, role, program_id)
    return await _propose(session, ROLE_REVOCATION, user_id, role, program_id, reason, by, at)


async def grant_as_operator(
    session: Session, user_id: str, role: Role, at: datetime, *, program_id: str
) -> frozenset[Role]:
    """Grant a role without an approval, while fewer than two administrators could give one.

    Granting it again changes nothing. Raises NotFound, Conflict `roles_conflict`, and Conflict
    `program_governs_itself` once there are two administrators.
    """
    if role in await _granted(session, user_id, program_id):
        return await _granted(session, user_id, program_id)
    await _ensure_grantable(session, user_id, role, program_id)
    if await _count_administrators(session, program_id) >= _ENOUGH_ADMINISTRATORS:
        raise Conflict(
            "program_governs_itself", "There are two administrators: one proposes, the other approves."
        )
    async with access.as_operator(session):
        await access.add_role(session, user_id, role, by=OPERATOR, at=at)
    return await _record(session, "role.granted", user_id, role, program_id, OPERATOR, at)


async def revoke_as_operator(
    session: Session, user_id: str, role: Role, at: datetime, *, program_id: str
) -> frozenset[Role]:
    """Take a role away without an approval: for an administrator who left, or who must be stopped.

    Raises NotFound `user_not_found`, Conflict `role_not_held`.
    """
    await _ensure_revocable(session, user_id, role, program_id)
    async with access.as_operator(session):
        await access.remove_role(session, user_id, role)
    return await _record(session, "role.revoked", user_id, role, program_id, OPERATOR, at)


async def _grant(session: Session, approval: Approval, at: datetime) -> None:
    user_id, role = approval.subject_id, Role(approval.payload["role"])
    await _ensure_grantable(session, user_id, role, approval.program_id)
    await access.add_role(session, user_id, role, by=approval.proposed_by, at=at, approval_id=approval.id)
    await _record(
        session, "role.granted", user_id, role, approval.program_id, str(approval.decided_by), at, approval
    )


async def _revoke(session: Session, approval: Approval, at: datetime) -> None:
    user_id, role = approval.subject_id, Role(approval.payload["role"])
    await _ensure_revocable(session, user_id, role, approval.program_id)
    await access.remove_role(session, user_id, role)
    await _record(
        session, "role.revoked", user_id, role, approval.program_id, str(approval.decided_by), at, approval
    )


async def _propose(
    session: Session, kind: ApprovalKind, user_id: str, role: Role, program_id: str, reason: str, by: str,
    at: datetime,
) -> Approval:  # fmt: skip
    return await approvals.propose(
        session, kind, program_id=program_id, subject_id=user_id, payload={"role": role.value},
        reason=reason, by=by, at=at,
    )  # fmt: skip


async def _ensure_grantable(session: Session, user_id: str, role: Role, program_id: str) -> None:
    held = await _granted(session, user_id, program_id)
    if role in held:
        raise Conflict("role_held", "This person has that role already.")
    why = access.find_conflict({*held, role})
    if why is not None:
        raise Conflict("roles_conflict", why, held=sorted(held))


async def _ensure_revocable(session: Session, user_id: str, role: Role, program_id: str) -> None:
    if role not in await _granted(session, user_id, program_id):
        raise Conflict("role_not_held", "This person does not have that role.")


async def _granted(session: Session, user_id: str, program_id: str) -> frozenset[Role]:
    identity = await find_identity(session, user_id)
    if identity is None or identity.program_id != program_id:
        raise NotFound("user_not_found", "There is nobody with this id.")
    return await access.find_granted(session, user_id)


async def _count_administrators(session: Session, program_id: str) -> int:
    found = [
        await find_identity(session, user_id)
        for user_id in await access.find_holders(session, Role.ADMINISTRATOR)
    ]
    return len([one for one in found if one is not None and one.program_id == program_id])


async def _record(
    session: Session, action: audit.Action, user_id: str, role: Role, program_id: str, by: str, at: datetime,
    approval: Approval | None = None,
) -> frozenset[Role]:  # fmt: skip
    after = await access.find_granted(session, user_id)
    before = after - {role} if action == "role.granted" else after | {role}
    details = {
        "role": role.value,
        "before": sorted(before),
        "after": sorted(after),
        "approval_id": None if approval is None else approval.id,
        "proposed_by": None if approval is None else approval.proposed_by,
    }
    await audit.record(session, by, program_id, action, user_id, details, at)
    return after


ROLE_GRANT: Final = ApprovalKind("role.grant", "roles.grant", "roles.approve", _grant)
ROLE_REVOCATION: Final = ApprovalKind("role.revoke", "roles.grant", "roles.approve", _revoke)
