"""The table of questions that can be answered by text message, from the number that each was sent to."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session

asked = Table(
    "questions_by_text",
    metadata,
    id_column("case_id"),
    reference("program_id"),
    reference("user_id"),
    text("number"),
    Column("tries", Integer, nullable=False),
    instant("expires_at"),
    CheckConstraint("tries >= 0", name="tries"),
    Index("ix_questions_by_text_number", "program_id", "number", "expires_at"),
    Index("ix_questions_by_text_user_id", "user_id"),
    Index("ix_questions_by_text_expires_at", "expires_at"),
)


@dataclass(frozen=True, slots=True)
class AskedByText:
    """A question, the digest of the number it was sent to, and how many wrong codes came from there."""

    case_id: str
    program_id: str
    user_id: str
    number: str
    expires_at: datetime
    tries: int = 0


async def add(session: Session, question: AskedByText) -> None:
    """Keep where a question is sent to; another number takes the place of the one before, tries stay."""
    added = insert(asked).values(**asdict(question))
    await session.execute(
        added.on_conflict_do_update(index_elements=["case_id"], set_={"number": question.number})
    )


async def lock_of_number(session: Session, program_id: str, number: str, limit: int) -> Sequence[AskedByText]:
    """Lock and return the newest questions that were sent to a number: of two replies, one waits."""
    newest = (
        select(asked.c.case_id)
        .where(asked.c.program_id == program_id, asked.c.number == number)
        .order_by(asked.c.expires_at.desc(), asked.c.case_id.desc())
        .limit(limit)
    )
    rows = await session.execute(
        # All in one order, so that two replies never wait for each other.
        select(asked).where(asked.c.case_id.in_(newest)).order_by(asked.c.case_id.desc()).with_for_update()
    )
    return [AskedByText(**row) for row in rows.mappings()]


async def count_try(session: Session, case_ids: Collection[str]) -> None:
    """Count one wrong code against these questions."""
    await session.execute(update(asked).where(asked.c.case_id.in_(case_ids)).values(tries=asked.c.tries + 1))


async def remove_before(session: Session, instant_: datetime) -> None:
    """Forget the numbers of questions that expired before an instant."""
    await session.execute(delete(asked).where(asked.c.expires_at < instant_))


async def remove_of(session: Session, user_id: str) -> None:
    """Forget the numbers that somebody was asked at."""
    await session.execute(delete(asked).where(asked.c.user_id == user_id))
