"""The tables of passkeys, of the handles they know people by, and of challenges."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    RowMapping,
    Table,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.authentication.factors.domain import CeremonyPurpose, Challenge, Owner, Passkey
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

passkeys = Table(
    "passkeys",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("credential_id"),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    text("name"),
    json("transports"),
    Column("is_backup_eligible", Boolean, nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    instant("created_at"),
    instant("last_used_at", nullable=True),
    instant("suspended_at", nullable=True),
    UniqueConstraint("program_id", "credential_id"),
    Index(None, "user_id", "id"),
)

passkey_handles = Table(
    "passkey_handles",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    text("handle"),
    instant("created_at"),
    UniqueConstraint("handle"),
)

passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    id_column(),
    reference("program_id"),
    text("purpose"),
    reference("session_id", nullable=True),
    text("challenge"),
    instant("expires_at"),
    Index(None, "expires_at"),
)


async def lock_factors(session: Session, user_id: str) -> None:
    """Let what changes one person's factors happen in turn, until the session ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"factors:{user_id}", 0))))


async def ensure_handle(session: Session, owner: Owner, fresh: str, at: datetime) -> str:
    """Return the handle that authenticators know somebody by; `fresh` becomes it the first time."""
    await session.execute(
        insert(passkey_handles)
        .values(user_id=owner.user_id, program_id=owner.program_id, handle=fresh, created_at=at)
        .on_conflict_do_nothing(index_elements=["user_id"])
    )
    found = await find_handle(session, owner.user_id)
    assert found is not None  # noqa: S101 - it was just stored
    return found


async def find_handle(session: Session, user_id: str) -> str | None:
    """Return somebody's handle; None for those who never began to add a passkey."""
    query = select(passkey_handles.c.handle).where(passkey_handles.c.user_id == user_id)
    return (await session.execute(query)).scalar_one_or_none()


async def add_challenge(session: Session, challenge: Challenge, at: datetime) -> None:
    """Store a challenge, and forget those that nobody answered in time."""
    await session.execute(delete(passkey_challenges).where(passkey_challenges.c.expires_at <= at))
    await session.execute(insert(passkey_challenges).values(**asdict(challenge)))


async def take_challenge(session: Session, challenge_id: str, program_id: str) -> Challenge | None:
    """Remove and return a challenge: of all who ask for it at once, one gets it."""
    row = (
        await session.execute(
            delete(passkey_challenges)
            .where(passkey_challenges.c.id == challenge_id, passkey_challenges.c.program_id == program_id)
            .returning(*passkey_challenges.c)
        )
    ).mappings().one_or_none()  # fmt: skip
    return None if row is None else Challenge(**{**row, "purpose": CeremonyPurpose(row["purpose"])})


async def add_passkey(session: Session, passkey: Passkey) -> bool:
    """Store a passkey; False when the program knows this credential already, whosoever it is."""
    added = await session.execute(
        insert(passkeys)
        .values(**{**asdict(passkey), "transports": list(passkey.transports)})
        .on_conflict_do_nothing(index_elements=["program_id", "credential_id"])
        .returning(passkeys.c.id)
    )
    return added.scalar_one_or_none() is not None


async def list_passkeys(session: Session, user_id: str) -> Sequence[Passkey]:
    """Return somebody's passkeys, oldest first; there are at most MAX_PASSKEYS."""
    rows = await session.execute(
        select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.id)
    )
    return [_passkey(row) for row in rows.mappings()]


async def passkey_for_update(session: Session, program_id: str, credential_id: str) -> Passkey | None:
    """Return and lock the passkey of a credential: its counter is judged for one answer at a time."""
    query = select(passkeys).where(
        passkeys.c.program_id == program_id, passkeys.c.credential_id == credential_id
    )
    row = (await session.execute(query.with_for_update())).mappings().one_or_none()
    return None if row is None else _passkey(row)


async def save_use(
    session: Session, passkey_id: str, *, sign_count: int, is_backed_up: bool, at: datetime
) -> None:
    """Note that a passkey was used and what it told of itself."""
    values = {"sign_count": sign_count, "is_backed_up": is_backed_up, "last_used_at": at}
    await session.execute(update(passkeys).where(passkeys.c.id == passkey_id).values(**values))


async def save_suspended(session: Session, passkey_id: str, at: datetime) -> None:
    """Trust a passkey no more."""
    await session.execute(
        update(passkeys)
        .where(passkeys.c.id == passkey_id, passkeys.c.suspended_at.is_(None))
        .values(suspended_at=at)
    )


async def save_name(session: Session, user_id: str, passkey_id: str, name: str) -> Passkey | None:
    """Rename one of somebody's passkeys; None when they have no such one."""
    changed = await session.execute(
        update(passkeys)
        .where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id)
        .values(name=name)
        .returning(*passkeys.c)
    )
    row = changed.mappings().one_or_none()
    return None if row is None else _passkey(row)


async def remove_passkey(session: Session, user_id: str, passkey_id: str) -> bool:
    """Delete one of somebody's passkeys; False when they have no such one."""
    removed = await session.execute(
        delete(passkeys)
        .where(passkeys.c.id == passkey_id, passkeys.c.user_id == user_id)
        .returning(passkeys.c.id)
    )
    return removed.scalar_one_or_none() is not None


def _passkey(row: RowMapping) -> Passkey:
    values: dict[str, Any] = {**row, "transports": tuple(row["transports"])}
    return Passkey(**values)
