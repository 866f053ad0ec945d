"""Use cases that are awaited together get what they would get one after the other, in as many trips as the
longest of them has statements."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    MetaData,
    Table,
    Text,
    bindparam,
    column,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db import base
from cardwright.db.session import Session, transaction
from cardwright.db.together import joinable, joining, together

THINGS: Final = Table(
    "things",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("more", JSONB),
    Column("at", DateTime(timezone=True), server_default=text("now()")),
)
CREATE: Final = """
CREATE TEMPORARY TABLE things (
  id bigint PRIMARY KEY, name text, more jsonb, at timestamptz DEFAULT now()
) ON COMMIT DROP
"""
BY_ID: Final = joinable(
    select(THINGS.c.id, THINGS.c.name, THINGS.c.more).where(THINGS.c.id == bindparam("id"))
)
ABOVE: Final = joinable(
    select(THINGS.c.name).where(THINGS.c.id > bindparam("id")).order_by(THINGS.c.id.desc())
)
IN_WORDS: Final = joinable(
    text("WITH one AS (SELECT name FROM things WHERE id = :id) SELECT name, 1 AS one FROM one").columns(
        column("name"), column("one")
    )
)
ADD: Final = joinable(insert(THINGS))
RENAME: Final = joinable(
    update(THINGS)
    .where(THINGS.c.id == bindparam("of"))
    .values(name=THINGS.c.name + bindparam("suffix", type_=Text))
    .returning(THINGS.c.name)
)


@pytest.fixture
async def things(engine: AsyncEngine) -> AsyncIterator[Session]:
    """A session beside nine things."""
    async with transaction(engine) as session:
        await session.execute(text(CREATE))
        await session.execute(
            insert(THINGS), [{"id": it, "name": f"thing {it}", "more": {"n": it}} for it in range(1, 10)]
        )
        yield session


@contextmanager
def trips(session: Session) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(session.sync_connection, "before_cursor_execute", note)
    yield found
    event.remove(session.sync_connection, "before_cursor_execute", note)


async def find(session: Session, id_: int) -> Any:
    row = (await session.execute(BY_ID, {"id": id_})).one_or_none()
    return None if row is None else (row.id, row.name, row.more)


async def names_above(session: Session, id_: int) -> list[str]:
    return [*(await session.execute(ABOVE, {"id": id_})).scalars()]


async def find_two(session: Session, id_: int) -> Any:
    """Return a thing, and then the one of half its number."""
    first = await find(session, id_)
    return first, await find(session, id_ // 2)


async def test_what_does_not_depend_on_each_other_travels_in_one_statement(things: Session) -> None:
    session = joining(things)
    with trips(things) as made:
        found = await together(
            session, find(session, 3), names_above(session, 7), find(session, 77), find(session, 4)
        )
    assert found == [(3, "thing 3", {"n": 3}), ["thing 9", "thing 8"], None, (4, "thing 4", {"n": 4})]
    assert len(made) == 1


async def test_there_are_as_many_trips_as_the_longest_has_statements(things: Session) -> None:
    session = joining(things)

    async def several(*ids: int) -> list[Any]:
        return [*await together(session, *(find_two(session, it) for it in ids))]

    with trips(things) as made:
        nested, alone, two = await together(session, several(8, 6), find(session, 5), find_two(session, 2))
    assert len(made) == 2
    assert [pair[1][0] for pair in nested] == [4, 3]
    assert (alone[0], two[0][0], two[1][0]) == (5, 2, 1)


async def test_an_ordinary_session_takes_one_after_the_other(things: Session) -> None:
    with trips(things) as made:
        found = await together(things, find(things, 3), find_two(things, 6))
    assert found == [(3, "thing 3", {"n": 3}), ((6, "thing 6", {"n": 6}), (3, "thing 3", {"n": 3}))]
    assert len(made) == 3
    assert joining(joining(things)) is not things
    assert await together(things) == []


async def test_writing_travels_as_well_and_is_not_seen_on_the_way(things: Session) -> None:
    session = joining(things)

    async def rename(of: int) -> str:
        done = await session.execute(RENAME, {"of": of, "suffix": "!"})
        return str(done.scalar_one())

    with trips(things) as made:
        _, renamed, before = await together(
            session,
            session.execute(ADD, {"id": 10, "name": "new", "more": None}),
            rename(9),
            names_above(session, 8),
        )
    assert (renamed, before, len(made)) == ("thing 9!", ["thing 9"], 1)
    assert await names_above(session, 8) == ["new", "thing 9!"]
    added = await things.execute(select(THINGS.c.at.is_not(None)).where(THINGS.c.id == 10))
    assert added.scalar_one(), "what the insert does not give has its default"


async def test_what_is_not_declared_goes_alone(things: Session) -> None:
    session = joining(things)

    async def undeclared() -> Any:
        return (await session.execute(select(THINGS.c.name).where(THINGS.c.id == 1))).scalar_one()

    async def many() -> None:
        await session.execute(ADD, [{"id": it, "name": "more", "more": None} for it in (11, 12)])

    with trips(things) as made:
        found = await together(session, undeclared(), find(session, 2), find(session, 3), many())
    assert [found[0], found[1][0], found[2][0]] == ["thing 1", 2, 3]
    assert len(made) == 3


async def test_texts_travel_whose_names_are_the_names_of_others(things: Session) -> None:
    session = joining(things)

    async def in_words(id_: int) -> Any:
        row = (await session.execute(IN_WORDS, {"id": id_})).one()
        return row.name, row.one

    with trips(things) as made:
        found = await together(session, in_words(1), find(session, 2), in_words(3))
    assert found == [("thing 1", 1), (2, "thing 2", {"n": 2}), ("thing 3", 1)]
    assert len(made) == 1


async def test_an_error_of_the_trip_reaches_everybody_and_an_error_of_one_gives_up_the_others(
    engine: AsyncEngine, things: Session
) -> None:
    session, went_on = joining(things), []

    async def goes_on() -> None:
        await find(session, 1)
        went_on.append("first")
        await find(session, 2)
        went_on.append("second")

    async def raises() -> None:
        await find(session, 3)
        raise KeyError("three")

    with pytest.raises(KeyError, match="three"):
        await together(session, goes_on(), raises(), find_two(session, 9))
    assert went_on in ([], ["first"])
    assert (await find(session, 4))[0] == 4, "the session is as usable as before"
    with pytest.raises(DBAPIError, match="duplicate key"):
        await together(
            session, session.execute(ADD, {"id": 1, "name": "again", "more": None}), find(session, 2)
        )


async def test_who_is_cancelled_leaves_a_session_that_goes_on(things: Session) -> None:
    session = joining(things)

    async def waits() -> None:
        await find(session, 1)
        await asyncio.sleep(60)

    waiting = asyncio.create_task(together(session, waits(), find_two(session, 2)))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with trips(things) as made:
        found = await together(session, find(session, 3), find(session, 4))
    assert ([it[0] for it in found], len(made)) == ([3, 4], 1)


@pytest.mark.parametrize("seed", range(25))
async def test_any_tree_of_use_cases_gets_what_it_gets_one_after_the_other(
    things: Session, seed: int
) -> None:
    def tree(seed: float, session: Session, depth: int) -> Coroutine[Any, Any, Any]:
        """One use case, drawn: some statements, some others together, some statements."""
        random = Random(seed)  # noqa: S311 - no secret
        before, after = ([random.randrange(12) for _ in range(random.randrange(3))] for _ in range(2))
        pauses = random.random() < 0.2
        below = [] if depth == 0 else [random.random() for _ in range(random.randrange(4))]

        async def run() -> Any:
            found: list[Any] = [await find(session, it) for it in before]
            if pauses:
                await asyncio.sleep(0)
            found += await together(session, *(tree(it, session, depth - 1) for it in below))
            return found + [await names_above(session, it) for it in after]

        return run()

    one_by_one = await tree(seed, things, 3)
    session = joining(things)
    assert await tree(seed, session, 3) == one_by_one
    with trips(things) as made:
        await find(session, 1)
    assert len(made) == 1


def test_no_column_needs_more_than_the_driver_makes_of_it() -> None:
    dialect = postgresql.asyncpg.dialect()
    # Numbers of any size are asked which of PostgreSQL's types they are: no float.
    numeric = 1700
    changed = {
        str(it.type)
        for table in base.metadata.sorted_tables
        for it in table.c
        if it.type.dialect_impl(dialect).result_processor(dialect, numeric) is not None
    }
    # Of lists SQLAlchemy makes lists.
    assert changed <= {"ARRAY"}, "rows that travelled with others are the driver's"
    assert len(base.metadata.sorted_tables) > 50
