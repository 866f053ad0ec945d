"""The table of what levels of verification allow, where a program decided."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import metadata, minor_units, reference
from cardwright.db.session import Session
from cardwright.kyc.domain import KycLevel

_ALLOWED: Final = ("cards", "balance", "added_30d")
identity_levels = Table(
    "identity_levels",
    metadata,
    reference("program_id"),
    Column("level", Integer, nullable=False),
    Column("cards", Integer),
    minor_units("balance", nullable=True),
    minor_units("added_30d", nullable=True),
    PrimaryKeyConstraint("program_id", "level"),
    CheckConstraint("level BETWEEN 0 AND 2", name="level"),
    CheckConstraint("cards >= 0 AND balance >= 0 AND added_30d >= 0", name="allowed"),
)


async def kept_of(session: Session, program_id: str) -> Mapping[KycLevel, Mapping[str, Any]]:
    """Return what a program decided, by level."""
    rows = await session.execute(select(identity_levels).where(identity_levels.c.program_id == program_id))
    return {KycLevel(row.level): {name: getattr(row, name) for name in _ALLOWED} for row in rows}


async def lock(session: Session, program_id: str) -> None:
    """Let one change of a program's levels after the other be made."""
    key = func.hashtextextended(f"identity_levels:{program_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def keep(session: Session, program_id: str, level: KycLevel, **allowed: int | None) -> None:
    """Keep what a level allows in place of what it did."""
    await session.execute(
        insert(identity_levels)
        .values(program_id=program_id, level=int(level), **allowed)
        .on_conflict_do_update(index_elements=["program_id", "level"], set_=allowed)
    )
