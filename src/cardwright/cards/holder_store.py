"""The table of whom processors know our holders as."""

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text, select
from sqlalchemy.dialects.postgresql import insert as upsert

from cardwright.cards.ports import DEFAULT_PROCESSOR
from cardwright.db.base import metadata, reference, text
from cardwright.db.session import Session

processor_holders = Table(
    "processor_holders",
    metadata,
    reference("user_id"),
    Column("processor", Text, nullable=False, server_default=DEFAULT_PROCESSOR),
    text("processor_reference", unique=True),
    PrimaryKeyConstraint("user_id", "processor"),
)


async def find_holder_reference(session: Session, user_id: str, processor: str) -> str | None:
    """Return a processor's reference of a person."""
    found = await session.execute(
        select(processor_holders.c.processor_reference).where(
            processor_holders.c.user_id == user_id, processor_holders.c.processor == processor
        )
    )
    reference: str | None = found.scalar_one_or_none()
    return reference


async def save_holder_reference(session: Session, user_id: str, processor: str, reference: str) -> None:
    """Keep a processor's reference of a person; the first one stays."""
    await session.execute(
        upsert(processor_holders)
        .values(user_id=user_id, processor=processor, processor_reference=reference)
        .on_conflict_do_nothing()
    )
