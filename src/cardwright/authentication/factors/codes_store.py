"""The tables of authenticator apps and recovery codes, and what somebody can prove with."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)

from cardwright.authentication.factors.domain import FactorMethod, Owner, Totp
from cardwright.authentication.factors.store import passkey_handles, passkeys
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn

totps = Table(
    "totps",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("secret"),
    instant("created_at"),
    instant("confirmed_at", nullable=True),
    Column("last_step", BigInteger, nullable=True),
    Column("failures", Integer, nullable=False),
    instant("failed_at", nullable=True),
    UniqueConstraint("user_id"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    reference("user_id"),
    text("code_hash"),
    reference("program_id"),
    instant("created_at"),
    instant("used_at", nullable=True),
    PrimaryKeyConstraint("user_id", "code_hash"),
)

TOTP_SECRET: Final = SealedColumn(totps, "secret")


async def has_factor(session: Session, user_id: str) -> bool:
    """Answer whether somebody has a passkey or a confirmed authenticator app."""
    has_passkey = select(passkeys.c.id).where(passkeys.c.user_id == user_id).exists()
    has_totp = (
        select(totps.c.id).where(totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None)).exists()
    )
    return bool((await session.execute(select(has_passkey | has_totp))).scalar_one())


async def methods_of(session: Session, user_id: str) -> Sequence[FactorMethod]:
    """Return how somebody can prove more than a password now; recovery codes help only beside a factor."""
    has_passkey = (
        select(passkeys.c.id).where(passkeys.c.user_id == user_id, passkeys.c.suspended_at.is_(None)).exists()
    )
    has_totp = (
        select(totps.c.id).where(totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None)).exists()
    )
    has_code = (
        select(recovery_codes.c.user_id)
        .where(recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None))
        .exists()
    )
    held = (await session.execute(select(has_passkey, has_totp, has_code))).one()
    return [method for method, is_held in zip(FactorMethod, held, strict=True) if is_held]


async def totp_for_update(session: Session, user_id: str) -> Totp | None:
    """Return and lock somebody's authenticator app: its codes are tried one after the other."""
    row = (
        await session.execute(select(totps).where(totps.c.user_id == user_id).with_for_update())
    ).mappings()
    found = row.one_or_none()
    return None if found is None else Totp(**found)


async def find_totp(session: Session, user_id: str) -> Totp | None:
    """Return somebody's authenticator app, confirmed or not."""
    found = (await session.execute(select(totps).where(totps.c.user_id == user_id))).mappings().one_or_none()
    return None if found is None else Totp(**found)


async def replace_totp(session: Session, totp: Totp) -> None:
    """Store an authenticator app in place of the one that somebody may have begun to add."""
    await session.execute(delete(totps).where(totps.c.user_id == totp.user_id))
    await session.execute(insert(totps).values(**asdict(totp)))


async def save_step(session: Session, totp_id: str, step: int, *, confirmed_at: datetime) -> None:
    """Note the step of an accepted code; an app that is not confirmed yet is so from now on."""
    await session.execute(
        update(totps)
        .where(totps.c.id == totp_id)
        .values(
            last_step=step,
            confirmed_at=func.coalesce(totps.c.confirmed_at, confirmed_at),
            failures=0,
            failed_at=None,
        )
    )


async def save_failure(session: Session, totp_id: str, at: datetime) -> None:
    """Count a wrong code."""
    await session.execute(
        update(totps).where(totps.c.id == totp_id).values(failures=totps.c.failures + 1, failed_at=at)
    )


async def remove_totp(session: Session, user_id: str) -> bool:
    """Delete somebody's authenticator app; False when they have none that counts."""
    removed = await session.execute(
        delete(totps)
        .where(totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None))
        .returning(totps.c.id)
    )
    return removed.scalar_one_or_none() is not None


async def replace_recovery_codes(session: Session, owner: Owner, hashes: Sequence[str], at: datetime) -> None:
    """Store hashes of fresh codes; the ones before are good no more."""
    await remove_recovery_codes(session, owner.user_id)
    rows = [
        {"user_id": owner.user_id, "code_hash": code_hash, "program_id": owner.program_id, "created_at": at}
        for code_hash in hashes
    ]
    await session.execute(insert(recovery_codes), rows)


async def remove_recovery_codes(session: Session, user_id: str) -> None:
    """Delete all of somebody's codes, used or not."""
    await session.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


async def take_recovery_code(session: Session, user_id: str, code_hash: str, at: datetime) -> bool:
    """Use a code up; of all who use it at once, one hears True."""
    used = await session.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.code_hash == code_hash,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(recovery_codes.c.code_hash)
    )
    return used.scalar_one_or_none() is not None


async def count_recovery_codes(session: Session, user_id: str) -> int:
    """Return how many codes are left."""
    query = select(func.count()).where(
        recovery_codes.c.user_id == user_id, recovery_codes.c.used_at.is_(None)
    )
    return int((await session.execute(query)).scalar_one())


async def remove_everything(session: Session, user_id: str) -> None:
    """Delete every trace of somebody's factors."""
    for table in (passkeys, totps, recovery_codes, passkey_handles):
        await session.execute(delete(table).where(table.c.user_id == user_id))
