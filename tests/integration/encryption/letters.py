"""A table of letters with two sealed columns, to try keys on without any slice."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Column, MetaData, Table, Text, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests
from cardwright.core.ids import new_id
from cardwright.db.session import Session, transaction
from cardwright.encryption import SealedColumn, open_all, seal_all

letters = Table(
    "letters",
    MetaData(),
    Column("id", Text(collation="C"), primary_key=True),
    Column("program_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("postscript", Text, nullable=True),
)
BODY: Final = SealedColumn(letters, "body")
POSTSCRIPT: Final = SealedColumn(letters, "postscript")
COLUMNS: Final = (BODY, POSTSCRIPT)


async def engine_with_letters(database_url: str, **options: int) -> AsyncEngine:
    """What a process has: an engine and a keyring of its own."""
    engine = engine_for_tests(database_url, columns=COLUMNS, **options)
    async with engine.begin() as connection:
        await connection.run_sync(letters.metadata.create_all)
    return engine


async def write(session: Session, program_id: str, body: str, postscript: str | None = None) -> str:
    """Store a letter and return its id."""
    letter_id = new_id("letter")
    values = await _sealed(session, letter_id, program_id, body, postscript)
    await session.execute(insert(letters).values(id=letter_id, program_id=program_id, **values))
    return letter_id


async def rewrite(
    session: Session, letter_id: str, program_id: str, body: str, postscript: str | None
) -> None:
    """Store other words in a letter."""
    values = await _sealed(session, letter_id, program_id, body, postscript)
    await session.execute(update(letters).where(letters.c.id == letter_id).values(**values))


async def read(session: Session, letter_id: str) -> Mapping[str, str | None]:
    """Return the words of a letter."""
    row = (await session.execute(select(letters).where(letters.c.id == letter_id))).one()
    records = {BODY.place(row.id, row.program_id): row.body}
    if row.postscript is not None:
        records[POSTSCRIPT.place(row.id, row.program_id)] = row.postscript
    opened = await open_all(session, records)
    return {"postscript": None} | {place.column: text for place, text in opened.items()}


async def stored(engine: AsyncEngine) -> list[str]:
    """Return all records as they stand in the table."""
    async with transaction(engine) as session:
        rows = (await session.execute(select(letters.c.body, letters.c.postscript))).all()
    return [record for row in rows for record in row if record is not None]


async def _sealed(
    session: Session, letter_id: str, program_id: str, body: str, postscript: str | None
) -> Mapping[str, str | None]:
    texts = {BODY.place(letter_id, program_id): body}
    if postscript is not None:
        texts[POSTSCRIPT.place(letter_id, program_id)] = postscript
    sealed = await seal_all(session, texts)
    return {"postscript": None} | {place.column: record for place, record in sealed.items()}
