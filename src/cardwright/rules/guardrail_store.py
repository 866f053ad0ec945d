"""The table of guardrails that a program keeps."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, UniqueConstraint, delete, func, insert, select

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.rules.domain import KeptGuardrail

guardrails = Table(
    "rule_guardrails",
    metadata,
    id_column(),
    reference("program_id"),
    text("name"),
    text("condition"),
    text("reason"),
    reference("author_id"),
    instant("kept_at"),
    UniqueConstraint("program_id", "name"),
)


async def insert_guardrail(session: Session, program_id: str, kept: KeptGuardrail) -> None:
    """Insert a guardrail, whose name is free."""
    await session.execute(
        insert(guardrails).values(
            id=kept.id, program_id=program_id, name=kept.name, condition=kept.when, reason=kept.reason,
            author_id=kept.author_id, kept_at=kept.kept_at,
        )
    )  # fmt: skip


async def delete_guardrail(session: Session, program_id: str, guardrail_id: str) -> KeptGuardrail | None:
    """Delete a guardrail and return it; None when the program has none of that id."""
    gone = await session.execute(
        delete(guardrails)
        .where(guardrails.c.program_id == program_id, guardrails.c.id == guardrail_id)
        .returning(*guardrails.c)
    )
    row = gone.one_or_none()
    return _kept(row) if row else None


async def find_guardrail(session: Session, program_id: str, guardrail_id: str) -> KeptGuardrail | None:
    """Return a guardrail; None when the program has none of that id."""
    query = select(guardrails).where(guardrails.c.program_id == program_id, guardrails.c.id == guardrail_id)
    row = (await session.execute(query)).one_or_none()
    return _kept(row) if row else None


async def kept_guardrails(session: Session, program_id: str) -> Sequence[KeptGuardrail]:
    """Return a program's guardrails by name."""
    query = select(guardrails).where(guardrails.c.program_id == program_id).order_by(guardrails.c.name)
    return [_kept(row) for row in await session.execute(query)]


async def lock_guardrails(session: Session, program_id: str) -> None:
    """Let changes of a program's guardrails, and what relies on them, come one after the other."""
    key = func.hashtextextended(f"guardrails {program_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


def _kept(row: Row[Any]) -> KeptGuardrail:
    return KeptGuardrail(row.id, row.name, row.condition, row.reason, row.author_id, row.kept_at)
