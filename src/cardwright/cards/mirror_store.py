"""The tables of what a processor was last told of cards, and of where it was found to differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index, Table, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.cards.domain import CardState, MirroredLimit, Window
from cardwright.cards.store import cards
from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

card_mirrors: Final = Table("card_mirrors", metadata, id_column("card_id"), text("state"), json("limits"))
card_drifts: Final = Table(
    "card_drifts",
    metadata,
    id_column(),
    reference("program_id"),
    reference("card_id"),
    instant("found_at"),
    json("ours"),
    json("theirs"),
    text("repair"),
    instant("repaired_at", nullable=True),
    CheckConstraint("repair IN ('canceled_here', 'pushed')", name="repair"),
    Index("ix_card_drifts_program_id", "program_id", "id"),
    Index("ix_card_drifts_card_id", "card_id", "id"),
    Index("uq_card_drifts_open", "card_id", unique=True, postgresql_where="repaired_at IS NULL"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What the processor was last told of a card and has confirmed."""

    state: CardState
    limits: tuple[MirroredLimit, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference that was found between a card here and at the processor, and how it was repaired."""

    id: str
    program_id: str
    card_id: str
    found_at: datetime
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    repair: str
    repaired_at: datetime | None


async def find_told(session: Session, card_id: str) -> Told | None:
    """Return what the processor was last told of a card."""
    row = (await session.execute(select(card_mirrors).where(card_mirrors.c.card_id == card_id))).one_or_none()
    return None if row is None else Told(CardState(row.state), limits_from_json(row.limits))


async def save_told_state(session: Session, card_id: str, state: CardState) -> None:
    """Write which state the processor has confirmed."""
    await session.execute(
        insert(card_mirrors)
        .values(card_id=card_id, state=state, limits={})
        .on_conflict_do_update(index_elements=["card_id"], set_={"state": state})
    )


async def save_told_limits(session: Session, card_id: str, limits: Sequence[MirroredLimit]) -> None:
    """Write which limits the processor has confirmed."""
    await session.execute(
        update(card_mirrors).where(card_mirrors.c.card_id == card_id).values(limits=limits_to_json(limits))
    )


async def issued_card_ids(
    session: Session, *, after: str, limit: int, program_id: str | None = None
) -> Sequence[str]:
    """Return ids of cards that the processor knows and does not have as canceled for good, in order."""
    told_canceled = select(card_mirrors.c.card_id).where(
        card_mirrors.c.card_id == cards.c.id, card_mirrors.c.state == CardState.CANCELED
    )
    query = select(cards.c.id).where(
        cards.c.id > after, cards.c.processor_reference.is_not(None), ~told_canceled.exists()
    )
    if program_id is not None:
        query = query.where(cards.c.program_id == program_id)
    return (await session.execute(query.order_by(cards.c.id).limit(limit))).scalars().all()


async def insert_drift(
    session: Session, *, program_id: str, card_id: str, ours: Mapping[str, Any], theirs: Mapping[str, Any],
    repair: str, found_at: datetime, repaired_at: datetime | None,
) -> bool:  # fmt: skip
    """Insert a difference; answer False where one of the card waits for its repair already."""
    inserted = await session.execute(
        insert(card_drifts)
        .values(
            id=new_id("drift"), program_id=program_id, card_id=card_id, found_at=found_at, ours=dict(ours),
            theirs=dict(theirs), repair=repair, repaired_at=repaired_at,
        )
        .on_conflict_do_nothing()
        .returning(card_drifts.c.id)
    )  # fmt: skip
    return inserted.scalar_one_or_none() is not None


async def mark_repaired(session: Session, card_id: str, at: datetime) -> None:
    """Write that a card is at the processor again as it is here."""
    await session.execute(
        update(card_drifts)
        .where(card_drifts.c.card_id == card_id, card_drifts.c.repaired_at.is_(None))
        .values(repaired_at=at)
    )


async def newest_drift_id(session: Session, card_id: str) -> str | None:
    """Return the id of the newest difference that was found for a card."""
    query = select(card_drifts.c.id).where(card_drifts.c.card_id == card_id)
    found: str | None = await session.scalar(query.order_by(card_drifts.c.id.desc()).limit(1))
    return found


async def drifts_page(
    session: Session, *, program_id: str, before: str | None, limit: int
) -> Sequence[Drift]:
    """Return differences that were found, newest first."""
    query = select(card_drifts).where(card_drifts.c.program_id == program_id)
    if before is not None:
        query = query.where(card_drifts.c.id < before)
    rows = await session.execute(query.order_by(card_drifts.c.id.desc()).limit(limit))
    return [Drift(**row._mapping) for row in rows]  # noqa: SLF001 - the row's public way to a mapping


def limits_to_json(limits: Sequence[MirroredLimit]) -> dict[str, int]:
    """Return limits as they are stored."""
    return {limit.window: limit.at_most for limit in limits}


def limits_from_json(stored: Mapping[str, int]) -> tuple[MirroredLimit, ...]:
    """Return limits from how they are stored."""
    return tuple(sorted(MirroredLimit(Window(window), at_most) for window, at_most in stored.items()))
