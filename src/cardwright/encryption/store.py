"""The table of data keys, each wrapped by the key provider."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption.domain import EncryptionError, Purpose
from cardwright.encryption.ports import WrappedKey

data_keys = Table(
    "data_keys",
    metadata,
    id_column(),
    reference("program_id"),
    text("purpose"),
    Column("epoch", Integer, nullable=False),
    text("provider_key_id"),
    Column("wrapped_key", LargeBinary, nullable=True),
    instant("created_at"),
    instant("superseded_at", nullable=True),
    instant("retired_at", nullable=True),
    instant("destroyed_at", nullable=True),
    UniqueConstraint("program_id", "purpose", "epoch"),
    CheckConstraint("(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed_without_key"),
)


@dataclass(frozen=True, slots=True)
class DataKey:
    """A stored key: current, then superseded (opens only), retired (no row needs it), destroyed."""

    id: str
    program_id: str
    purpose: str
    epoch: int
    provider_key_id: str
    wrapped_key: bytes | None = field(repr=False)
    created_at: datetime
    superseded_at: datetime | None = None
    retired_at: datetime | None = None
    destroyed_at: datetime | None = None

    @property
    def wrapped(self) -> WrappedKey:
        """The key as its provider knows it; raise EncryptionError when it was destroyed."""
        if self.wrapped_key is None:
            raise EncryptionError(f"{self.id} was destroyed")
        return WrappedKey(self.provider_key_id, self.wrapped_key)


async def add_key(session: Session, key: DataKey) -> bool:
    """Store a key; False when its program already has a key of that epoch."""
    added = await session.execute(
        insert(data_keys)
        .values(**asdict(key))
        .on_conflict_do_nothing(index_elements=["program_id", "purpose", "epoch"])
        .returning(data_keys.c.id)
    )
    return added.scalar_one_or_none() is not None


async def current_key_for_share(session: Session, program_id: str, purpose: Purpose) -> DataKey | None:
    """Return the key to seal with; until the session ends, nobody can declare it superseded.

    None when there is none, and also when it was superseded at this very moment: ask again.
    """
    query = (
        select(data_keys)
        .where(
            data_keys.c.program_id == program_id,
            data_keys.c.purpose == purpose,
            data_keys.c.superseded_at.is_(None),
        )
        .order_by(data_keys.c.epoch.desc())
        .limit(1)
        # The weakest lock: it keeps out supersede_for_update, but not a rewrap, which changes no meaning.
        .with_for_update(read=True, key_share=True)
    )
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else DataKey(**row)


async def find_key(session: Session, key_id: str) -> DataKey | None:
    """Return a key, or None."""
    query = select(data_keys).where(data_keys.c.id == key_id)
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else DataKey(**row)


async def list_programs(session: Session) -> Sequence[str]:
    """Return the programs that have keys."""
    query = select(data_keys.c.program_id).distinct().order_by(data_keys.c.program_id)
    return (await session.execute(query)).scalars().all()


async def list_keys(session: Session, program_id: str) -> Sequence[DataKey]:
    """Return all keys of a program, those of one purpose by their epochs."""
    query = select(data_keys).where(data_keys.c.program_id == program_id)
    rows = await session.execute(query.order_by(data_keys.c.purpose.desc(), data_keys.c.epoch))
    return [DataKey(**row) for row in rows.mappings()]


async def supersede_for_update(session: Session, newest: DataKey, *, at: datetime) -> None:
    """Declare the older epochs fit for opening only, once every session that seals with them has ended."""
    older = (
        data_keys.c.program_id == newest.program_id,
        data_keys.c.purpose == newest.purpose,
        data_keys.c.epoch < newest.epoch,
        data_keys.c.superseded_at.is_(None),
    )
    # An update alone would not wait for those who hold the weakest lock.
    await session.execute(select(data_keys.c.id).where(*older).with_for_update())
    await session.execute(update(data_keys).where(*older).values(superseded_at=at))


async def save_wrapped(session: Session, key: DataKey, wrapped: WrappedKey) -> bool:
    """Store a key under another key-encryption key; False when somebody else did so meanwhile."""
    saved = await session.execute(
        update(data_keys)
        .where(data_keys.c.id == key.id, data_keys.c.wrapped_key == key.wrapped_key)
        .values(provider_key_id=wrapped.provider_key_id, wrapped_key=wrapped.ciphertext)
        .returning(data_keys.c.id)
    )
    return saved.scalar_one_or_none() is not None


async def save_retired(session: Session, key_id: str, *, at: datetime) -> None:
    """Note that no row needs a key any more; one that was retired before keeps its instant."""
    await session.execute(
        update(data_keys)
        .where(data_keys.c.id == key_id)
        .values(retired_at=func.coalesce(data_keys.c.retired_at, at))
    )


async def destroy(session: Session, key_id: str, *, at: datetime) -> None:
    """Forget a key for good."""
    await session.execute(
        update(data_keys).where(data_keys.c.id == key_id).values(wrapped_key=None, destroyed_at=at)
    )
