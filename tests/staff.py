"""Staff for tests: roles that were seeded, and what one proposes and another approves."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from cardwright import access, audit
from cardwright.access import Principal, Role
from cardwright.approvals import Approval, ApprovalKinds, approve
from cardwright.authentication import Identity
from cardwright.authentication import store as authentication_store
from cardwright.authentication.domain import Credentials
from cardwright.core.clock import Clock
from cardwright.db.session import Session
from cardwright.rules import Rule, propose_rulebook
from cardwright.rules.rulebook import find_active_publication
from cardwright.rules.store import Publication
from cardwright.wiring import APPROVAL_KINDS


async def grant_role(session: Session, user_id: str, role: Role, by: str, at: datetime) -> frozenset[Role]:
    """Seed a role, in any combination and however many."""
    program_id = await session.scalar(
        text("SELECT program_id FROM identities WHERE user_id = :id"), {"id": user_id}
    )
    await _seed_role(session, user_id, role, by, at)
    await audit.record(session, by, str(program_id), "role.granted", user_id, {"role": role.value}, at)
    return await access.find_granted(session, user_id)


async def take_role(session: Session, user_id: str, role: Role) -> None:
    """Take a seeded role away again."""
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await access.remove_role(session, user_id, role)
    await session.execute(text("SET LOCAL session_replication_role = origin"))


async def _seed_role(session: Session, user_id: str, role: Role, by: str, at: datetime) -> None:
    # The database's superuser alone can go round its guards, and only by saying so.
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    await access.add_role(session, user_id, role, by=by, at=at)
    await session.execute(text("SET LOCAL session_replication_role = origin"))


async def somebody(session: Session, user_id: str, program_id: str, at: datetime, *roles: Role) -> str:
    """Make somebody with a given id, who has no password; making them again changes nothing."""
    identity = Identity(user_id, program_id, f"{user_id}@staff.example", None, at)
    await authentication_store.add_identity(session, Credentials(identity, None))
    for role in roles:
        await _seed_role(session, user_id, role, "system", at)
    return user_id


async def approved(session: Session, proposal: Approval, at: datetime) -> Approval:
    """Let another administrator approve a proposal."""
    decider = f"{proposal.program_id}_decider"
    await somebody(session, decider, proposal.program_id, at, Role.ADMINISTRATOR)
    by = Principal(decider, proposal.program_id)
    return await approve(session, ApprovalKinds(APPROVAL_KINDS), proposal.id, by=by, note=None, at=at)


async def publish_rulebook(
    session: Session, clock: Clock, *, program_id: str, author_id: str, rules: Sequence[Rule],
    note: str, expected_version: int,
) -> Publication:  # fmt: skip
    """Let one propose a rulebook and another approve it."""
    at = clock.now()
    await somebody(session, author_id, program_id, at, Role.FRAUD_ANALYST)
    proposal = await propose_rulebook(
        session, program_id=program_id, author_id=author_id, rules=rules, note=note,
        expected_version=expected_version, at=at,
    )  # fmt: skip
    await approved(session, proposal, at)
    published = await find_active_publication(session, program_id)
    assert published is not None
    return published
