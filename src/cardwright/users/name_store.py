"""Whose name has which words: blind indexes, so that a name is found without being readable."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, blind_index
from cardwright.users.naming import words_of
from cardwright.users.store import profiles

name_words = Table(
    "name_words",
    metadata,
    reference("user_id"),
    reference("program_id"),
    text("word_index"),
    PrimaryKeyConstraint("user_id", "word_index"),
    Index("ix_name_words_program_id_word_index", "program_id", "word_index", "user_id"),
)
_WORD: Final = SealedColumn(profiles, "full_name", row_id="user_id")


async def save_words(session: Session, program_id: str, user_id: str, name: str) -> None:
    """Have somebody found by the words of a name, and no more by those of another."""
    await remove_words(session, user_id)
    rows = [
        {"user_id": user_id, "program_id": program_id, "word_index": index}
        for index in await _indexes(session, program_id, name)
    ]
    if rows:
        await session.execute(insert(name_words).values(rows).on_conflict_do_nothing())


async def remove_words(session: Session, user_id: str) -> None:
    """Have somebody found by no name."""
    await session.execute(delete(name_words).where(name_words.c.user_id == user_id))


async def ids_named(
    session: Session, program_id: str, name: str, *, before: str | None, limit: int
) -> Sequence[str]:
    """Return who has every word in their name, newest first, those after the user id `before`."""
    indexes = await _indexes(session, program_id, name)
    query = (
        select(name_words.c.user_id)
        .where(name_words.c.program_id == program_id, name_words.c.word_index.in_(indexes))
        .group_by(name_words.c.user_id)
        .having(func.count() == len(indexes))
    )
    if before is not None:
        query = query.where(name_words.c.user_id < before)
    rows = await session.execute(query.order_by(name_words.c.user_id.desc()).limit(limit))
    return rows.scalars().all()


async def without_words(session: Session, program_id: str, *, limit: int) -> Sequence[str]:
    """Return people with a profile that no name finds: they told it before names could be looked for."""
    words = select(name_words.c.user_id).where(name_words.c.user_id == profiles.c.user_id)
    query = select(profiles.c.user_id).where(profiles.c.program_id == program_id, ~words.exists())
    return (await session.execute(query.order_by(profiles.c.user_id).limit(limit))).scalars().all()


async def _indexes(session: Session, program_id: str, name: str) -> Sequence[str]:
    return [await blind_index(session, _WORD, program_id, word) for word in words_of(name)]
