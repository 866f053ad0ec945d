"""The table of asked-for password resets."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Index, Table, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_sealed, seal

password_resets = Table(
    "password_resets",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id", nullable=True),
    text("email", nullable=True),
    instant("expires_at"),
    instant("used_at", nullable=True),
    Index(None, "user_id"),
)


EMAIL: Final = SealedColumn(password_resets, "email")
SEALED_COLUMNS: Final = (EMAIL,)


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A reset that somebody asked for: about `email` until it is known whose that is, then `user_id`'s."""

    id: str
    program_id: str
    email: str | None
    expires_at: datetime
    user_id: str | None = None
    used_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Answer whether it may still be used."""
        return self.user_id is not None and self.used_at is None and at < self.expires_at


async def add_reset(session: Session, reset: PasswordReset) -> None:
    """Store what was asked for."""
    place = EMAIL.place(reset.id, reset.program_id)
    email = None if reset.email is None else await seal(session, place, reset.email)
    await session.execute(insert(password_resets).values(**{**asdict(reset), "email": email}))


async def find_reset(session: Session, reset_id: str) -> PasswordReset | None:
    """Return a reset, not locked; or None."""
    return await _find(session, reset_id, lock=False)


async def reset_for_update(session: Session, reset_id: str) -> PasswordReset | None:
    """Return a reset, locked; or None."""
    return await _find(session, reset_id, lock=True)


async def save_owner(session: Session, reset_id: str, user_id: str) -> None:
    """Note whose reset it is; the address is not needed any more."""
    await session.execute(
        update(password_resets).where(password_resets.c.id == reset_id).values(user_id=user_id, email=None)
    )


async def save_used(session: Session, user_id: str, at: datetime) -> None:
    """Note that a person's open resets count no more: one was used, or something took their place."""
    await session.execute(
        update(password_resets)
        .where(password_resets.c.user_id == user_id, password_resets.c.used_at.is_(None))
        .values(used_at=at)
    )


async def remove_reset(session: Session, reset_id: str) -> None:
    """Forget a reset that is nobody's."""
    await session.execute(delete(password_resets).where(password_resets.c.id == reset_id))


async def remove_resets_before(session: Session, instant_: datetime) -> None:
    """Forget what expired before an instant."""
    await session.execute(
        delete(password_resets).where(
            or_(password_resets.c.expires_at < instant_, password_resets.c.used_at < instant_)
        )
    )


async def _find(session: Session, reset_id: str, *, lock: bool) -> PasswordReset | None:
    query = select(password_resets).where(password_resets.c.id == reset_id)
    row = (await session.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        return None
    place = EMAIL.place(row["id"], row["program_id"])
    email = None if row["email"] is None else await open_sealed(session, place, row["email"])
    return PasswordReset(**{**row, "email": email})
