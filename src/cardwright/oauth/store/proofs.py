"""The table of one-time proofs that were used: DPoP proofs and client assertions."""

from datetime import datetime

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import instant, metadata, text
from cardwright.db.session import Session

oauth_used_proofs = Table(
    "oauth_used_proofs",
    metadata,
    text("digest", primary_key=True),
    instant("expires_at", index=True),
)


async def add_used(session: Session, digest: str, expires_at: datetime) -> bool:
    """Note that a proof was used; False when it was before."""
    added = await session.execute(
        insert(oauth_used_proofs)
        .values(digest=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(oauth_used_proofs.c.digest)
    )
    return added.scalar_one_or_none() is not None


async def remove_expired_proofs(session: Session, before: datetime) -> None:
    """Forget proofs that are too old to be accepted anyhow."""
    await session.execute(delete(oauth_used_proofs).where(oauth_used_proofs.c.expires_at < before))
