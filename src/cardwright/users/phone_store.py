"""The table of phone numbers that are being proven."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Index, Integer, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication import MAX_CODE_ATTEMPTS
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import Place, SealedColumn, open_all, seal_all

phone_verifications = Table(
    "phone_verifications",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("phone"),
    text("old_phone", nullable=True),
    instant("expires_at"),
    Column("attempts", Integer, nullable=False),
    instant("confirmed_at", nullable=True),
    instant("ended_at", nullable=True),
    Index(None, "user_id"),
)


PHONE: Final = SealedColumn(phone_verifications, "phone")
OLD_PHONE: Final = SealedColumn(phone_verifications, "old_phone")
SEALED_COLUMNS: Final = (PHONE, OLD_PHONE)


@dataclass(frozen=True, slots=True)
class PhoneVerification:
    """A number that somebody says is theirs, and the proven one that it takes the place of, if any.

    Its code is derived from `id` and kept nowhere. `ended_at` is set once another was asked for.
    """

    id: str
    program_id: str
    user_id: str
    phone: str
    old_phone: str | None
    expires_at: datetime
    attempts: int = 0
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Answer whether its code may still be tried."""
        is_pending = self.confirmed_at is None and self.ended_at is None
        return is_pending and at < self.expires_at and self.attempts < MAX_CODE_ATTEMPTS


async def add_verification(session: Session, verification: PhoneVerification) -> None:
    """Store a number that is to be proven."""
    values = asdict(verification)
    places = _places(verification.id, verification.program_id, values)
    sealed = await seal_all(session, {place: values[name] for name, place in places.items()})
    numbers = {name: sealed[place] for name, place in places.items()}
    await session.execute(insert(phone_verifications).values(**{**values, **numbers}))


async def find_verification(session: Session, verification_id: str) -> PhoneVerification | None:
    """Return a verification, not locked; or None."""
    return await _find(session, verification_id, lock=False)


async def verification_for_update(session: Session, verification_id: str) -> PhoneVerification | None:
    """Return a verification, locked; or None."""
    return await _find(session, verification_id, lock=True)


async def save_try(session: Session, verification_id: str, *, confirmed_at: datetime | None) -> None:
    """Count one try of a code, and note when it was the right one."""
    await session.execute(
        update(phone_verifications)
        .where(phone_verifications.c.id == verification_id)
        .values(attempts=phone_verifications.c.attempts + 1, confirmed_at=confirmed_at)
    )


async def end_open(session: Session, user_id: str, at: datetime) -> None:
    """End what a person asked for before and did not confirm."""
    await session.execute(
        update(phone_verifications)
        .where(
            phone_verifications.c.user_id == user_id,
            phone_verifications.c.confirmed_at.is_(None),
            phone_verifications.c.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


async def remove_verifications_of(session: Session, user_id: str) -> None:
    """Forget the numbers that a person had or wanted."""
    await session.execute(delete(phone_verifications).where(phone_verifications.c.user_id == user_id))


async def remove_verifications_before(session: Session, instant_: datetime) -> None:
    """Forget the numbers whose codes expired before an instant."""
    await session.execute(delete(phone_verifications).where(phone_verifications.c.expires_at < instant_))


async def _find(session: Session, verification_id: str, *, lock: bool) -> PhoneVerification | None:
    query = select(phone_verifications).where(phone_verifications.c.id == verification_id)
    row = (await session.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        return None
    places = _places(row["id"], row["program_id"], dict(row))
    opened = await open_all(session, {place: row[name] for name, place in places.items()})
    return PhoneVerification(**{**row, **{name: opened[place] for name, place in places.items()}})


def _places(verification_id: str, program_id: str, present: Mapping[str, Any]) -> Mapping[str, Place]:
    return {
        column.name: column.place(verification_id, program_id)
        for column in SEALED_COLUMNS
        if present[column.name] is not None
    }
