"""The table of grants to see a card's number once; what is stored of a grant opens nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, Table, delete, insert, update

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session

reveal_grants = Table(
    "reveal_grants",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("card_id"),
    text("secret_hash", unique=True),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    Index("ix_reveal_grants_expires_at", "expires_at"),
)


@dataclass(frozen=True, slots=True)
class RevealGrant:
    """The right of one person to see the number of one card, once and soon."""

    id: str
    program_id: str
    user_id: str
    card_id: str
    secret_hash: str
    created_at: datetime
    expires_at: datetime


async def insert_grant(session: Session, grant: RevealGrant) -> None:
    """Insert a grant that is not used yet."""
    await session.execute(
        insert(reveal_grants).values(
            id=grant.id, program_id=grant.program_id, user_id=grant.user_id, card_id=grant.card_id,
            secret_hash=grant.secret_hash, created_at=grant.created_at, expires_at=grant.expires_at,
        )
    )  # fmt: skip


async def remove_grants_before(session: Session, at: datetime) -> None:
    """Forget the grants that were over before an instant."""
    await session.execute(delete(reveal_grants).where(reveal_grants.c.expires_at < at))


async def use_grant(
    session: Session, secret_hash: str, *, user_id: str, card_id: str, at: datetime
) -> str | None:
    """Use a grant up and return its id; None when it is not for this, over, or used by somebody before."""
    used = await session.execute(
        update(reveal_grants)
        .where(
            reveal_grants.c.secret_hash == secret_hash,
            reveal_grants.c.user_id == user_id,
            reveal_grants.c.card_id == card_id,
            reveal_grants.c.expires_at > at,
            reveal_grants.c.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(reveal_grants.c.id)
    )
    found: str | None = used.scalar_one_or_none()
    return found
