"""The table of granted roles; the database refuses a grant that nobody approved."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from sqlalchemy import PrimaryKeyConstraint, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.access.permissions import Role
from cardwright.db.base import instant, metadata, reference, text
from cardwright.db.session import Session

_OPERATOR: Final = "cardwright.operator"
_DEFAULT: Final = frozenset({Role.CARDHOLDER})
_CLIENTS: Final = "client_"

user_roles = Table(
    "user_roles",
    metadata,
    reference("user_id"),
    text("role"),
    reference("granted_by"),
    instant("granted_at"),
    reference("approval_id", nullable=True),
    PrimaryKeyConstraint("user_id", "role"),
)


@asynccontextmanager
async def as_operator(session: Session) -> AsyncIterator[None]:
    """Let roles change without an approval while the block runs: for the commands on the database's host.

    The database lets it through for whoever owns the tables, which a request's transaction does not.
    """
    await session.execute(select(func.set_config(_OPERATOR, "on", True)))
    yield
    await session.execute(select(func.set_config(_OPERATOR, "off", True)))


async def add_role(
    session: Session, user_id: str, role: Role, *, by: str, at: datetime, approval_id: str | None = None
) -> bool:
    """Store that a role was granted; False when it already was.

    `approval_id` names the approval that it applies; only within `as_operator` may it be None.
    """
    added = await session.execute(
        insert(user_roles)
        .values(user_id=user_id, role=role.value, granted_by=by, granted_at=at, approval_id=approval_id)
        .on_conflict_do_nothing()
        .returning(user_roles.c.role)
    )
    return added.scalar_one_or_none() is not None


async def remove_role(session: Session, user_id: str, role: Role) -> bool:
    """Take a role away; False when the person did not have it."""
    removed = await session.execute(
        delete(user_roles)
        .where(user_roles.c.user_id == user_id, user_roles.c.role == role.value)
        .returning(user_roles.c.role)
    )
    return removed.scalar_one_or_none() is not None


async def find_holders(session: Session, role: Role) -> frozenset[str]:
    """Return the ids of everybody who was granted a role, in whichever program."""
    rows = await session.execute(select(user_roles.c.user_id).where(user_roles.c.role == role.value))
    return frozenset(rows.scalars())


async def find_roles(session: Session, user_ids: Collection[str]) -> Mapping[str, frozenset[Role]]:
    """Return everybody's roles by user id; a person who was granted none is a cardholder.

    A client that acts for itself is no person: it has what it was granted, and else nothing.
    """
    rows = await session.execute(select(user_roles).where(user_roles.c.user_id.in_(user_ids)))
    granted = [(row.user_id, Role(row.role)) for row in rows]
    return {
        user_id: frozenset(role for owner, role in granted if owner == user_id) or _default(user_id)
        for user_id in user_ids
    }


async def find_granted(session: Session, user_id: str) -> frozenset[Role]:
    """Return the roles that somebody was granted: empty for a cardholder who was granted none."""
    rows = await session.execute(select(user_roles.c.role).where(user_roles.c.user_id == user_id))
    return frozenset(Role(role) for role in rows.scalars())


def _default(user_id: str) -> frozenset[Role]:
    return frozenset() if user_id.startswith(_CLIENTS) else _DEFAULT


async def roles_of(session: Session, user_id: str) -> frozenset[Role]:
    """Return a person's roles as they are now."""
    return (await find_roles(session, [user_id]))[user_id]
