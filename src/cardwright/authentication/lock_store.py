"""The table of failed sign-ins in a row, by address, whether anybody has that address or not."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, case, delete
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import instant, metadata, reference, text
from cardwright.db.session import Session

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    reference("program_id"),
    text("address_digest"),
    Column("attempts", Integer, nullable=False),
    instant("attempted_at"),
    instant("locked_until", nullable=True),
    PrimaryKeyConstraint("program_id", "address_digest"),
)


async def add_attempt(
    session: Session, program_id: str, digest: str, *, most: int, lock: timedelta, at: datetime
) -> int:
    """Count an attempt and return which it is since the last success; the `most`th begins a lock.

    The first attempt after a lock is number one again.
    """
    table = sign_in_attempts.c
    is_over = table.locked_until <= at
    counted = case((is_over, 1), else_=table.attempts + 1)
    locked_until = case((is_over, None), (table.attempts + 1 == most, at + lock), else_=table.locked_until)
    added = await session.execute(
        insert(sign_in_attempts)
        .values(program_id=program_id, address_digest=digest, attempts=1, attempted_at=at)
        .on_conflict_do_update(
            index_elements=["program_id", "address_digest"],
            set_={"attempts": counted, "locked_until": locked_until, "attempted_at": at},
        )
        .returning(table.attempts)
    )
    attempts: int = added.scalar_one()
    return attempts


async def remove_attempts(session: Session, program_id: str, digest: str) -> bool:
    """Forget the failures of an address, and with them its lock; False when there were none."""
    removed = await session.execute(
        delete(sign_in_attempts)
        .where(sign_in_attempts.c.program_id == program_id, sign_in_attempts.c.address_digest == digest)
        .returning(sign_in_attempts.c.attempts)
    )
    return removed.scalar_one_or_none() is not None


async def remove_attempts_before(session: Session, instant_: datetime) -> None:
    """Forget what was tried before an instant and is not tried any more."""
    await session.execute(delete(sign_in_attempts).where(sign_in_attempts.c.attempted_at < instant_))
