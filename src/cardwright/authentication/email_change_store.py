"""The table of asked-for changes of e-mail addresses."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Index, Integer, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication.domain import MAX_CODE_ATTEMPTS
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import Place, SealedColumn, open_all, seal_all

email_changes = Table(
    "email_changes",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("old_email"),
    text("new_email"),
    instant("expires_at"),
    instant("veto_until"),
    Column("attempts", Integer, nullable=False),
    instant("confirmed_at", nullable=True),
    instant("ended_at", nullable=True),
    Index(None, "user_id"),
)


OLD_EMAIL: Final = SealedColumn(email_changes, "old_email")
NEW_EMAIL: Final = SealedColumn(email_changes, "new_email")
SEALED_COLUMNS: Final = (OLD_EMAIL, NEW_EMAIL)


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A change from one address to another; its code and its veto are derived from `id` and kept nowhere.

    `ended_at` is set once it can neither be confirmed nor undone any more: vetoed, or replaced by another.
    """

    id: str
    program_id: str
    user_id: str
    old_email: str
    new_email: str
    expires_at: datetime
    veto_until: datetime
    attempts: int = 0
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Answer whether its code may still be tried."""
        is_pending = self.confirmed_at is None and self.ended_at is None
        return is_pending and at < self.expires_at and self.attempts < MAX_CODE_ATTEMPTS

    def is_vetoable(self, at: datetime) -> bool:
        """Answer whether the owner of the old address may still undo it."""
        return self.ended_at is None and at < self.veto_until


async def add_change(session: Session, change: EmailChange) -> None:
    """Store a change that was asked for."""
    places = _places(change.id, change.program_id)
    addresses = {places["old_email"]: change.old_email, places["new_email"]: change.new_email}
    sealed = await seal_all(session, addresses)
    values = {name: sealed[place] for name, place in places.items()}
    await session.execute(insert(email_changes).values(**{**asdict(change), **values}))


async def find_change(session: Session, change_id: str) -> EmailChange | None:
    """Return a change, not locked; or None."""
    return await _find(session, change_id, lock=False)


async def change_for_update(session: Session, change_id: str) -> EmailChange | None:
    """Return a change, locked; or None."""
    return await _find(session, change_id, lock=True)


async def save_try(session: Session, change_id: str, *, confirmed_at: datetime | None) -> None:
    """Count one try of a code, and note when it was the right one."""
    await session.execute(
        update(email_changes)
        .where(email_changes.c.id == change_id)
        .values(attempts=email_changes.c.attempts + 1, confirmed_at=confirmed_at)
    )


async def end_unconfirmed(session: Session, user_id: str, at: datetime) -> None:
    """End what a person asked for before and did not confirm."""
    await session.execute(
        update(email_changes)
        .where(
            email_changes.c.user_id == user_id,
            email_changes.c.confirmed_at.is_(None),
            email_changes.c.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


async def end_all(session: Session, user_id: str, at: datetime) -> None:
    """End every change of a person: nothing of them can be confirmed or undone any more."""
    await session.execute(
        update(email_changes)
        .where(email_changes.c.user_id == user_id, email_changes.c.ended_at.is_(None))
        .values(ended_at=at)
    )


async def remove_changes_of(session: Session, user_id: str) -> None:
    """Forget the addresses that a person had or wanted."""
    await session.execute(delete(email_changes).where(email_changes.c.user_id == user_id))


async def remove_changes_before(session: Session, instant_: datetime) -> None:
    """Forget changes that nobody could undo any more at an instant."""
    await session.execute(delete(email_changes).where(email_changes.c.veto_until < instant_))


async def _find(session: Session, change_id: str, *, lock: bool) -> EmailChange | None:
    query = select(email_changes).where(email_changes.c.id == change_id)
    row = (await session.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        return None
    places = _places(row["id"], row["program_id"])
    opened = await open_all(session, {place: row[name] for name, place in places.items()})
    return EmailChange(**{**row, **{name: opened[place] for name, place in places.items()}})


def _places(change_id: str, program_id: str) -> Mapping[str, Place]:
    return {column.name: column.place(change_id, program_id) for column in SEALED_COLUMNS}
