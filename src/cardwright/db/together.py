"""Statements that do not depend on each other, in one trip to the database, whoever wrote them.

    async with transaction(engine) as plain:
        session = joining(plain)
        profile, level = await together(session, get_profile(session, user_id), find_level(session, user_id))

Each use case goes on as it was written, one statement after the other. Where all of them wait, what they wait
for is sent as one statement, and each gets its own rows: there are as many trips as the longest of them has
statements. Only what was declared with `joinable` travels with others; the rest goes alone. See ADR 47.
"""

from collections.abc import Collection, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from types import coroutine
from typing import Any, Final, TypeVar, cast, overload

from sqlalchemy import (
    CTE,
    BindParameter,
    Connection,
    Executable,
    Select,
    Subquery,
    bindparam,
    func,
    null,
    select,
)
from sqlalchemy.engine import IteratorResult, Result
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.visitors import replacement_traverse

from cardwright.db.session import Session

_JOINABLE: Final = "cardwright_joinable"
_MOST_KEPT: Final = 512
_Work = Coroutine[Any, Any, Any]
_S = TypeVar("_S", bound=Executable)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")


def joinable(statement: _S) -> _S:
    """Declare a constant statement, all of whose values are bound by name, as one that travels with others.

    An insert gets the columns that it is executed with. What locks rows must not: a statement sees the rows
    that it waited for as they are now, and all others as they were before it waited.
    """
    return statement.execution_options(**{_JOINABLE: True})


def joining(session: Session) -> Session:
    """Return a session whose statements `together` joins. It can `execute`, and nothing else."""
    return session if isinstance(session, _Joining) else cast("Session", _Joining(session))


@overload
async def together(
    session: Session, a: Coroutine[Any, Any, A], b: Coroutine[Any, Any, B], /
) -> tuple[A, B]: ...
@overload
async def together(
    session: Session, a: Coroutine[Any, Any, A], b: Coroutine[Any, Any, B], c: Coroutine[Any, Any, C], /
) -> tuple[A, B, C]: ...
@overload
async def together(
    session: Session, a: Coroutine[Any, Any, A], b: Coroutine[Any, Any, B], c: Coroutine[Any, Any, C],
    d: Coroutine[Any, Any, D], /,
) -> tuple[A, B, C, D]: ...  # fmt: skip
@overload
async def together(
    session: Session, a: Coroutine[Any, Any, A], b: Coroutine[Any, Any, B], c: Coroutine[Any, Any, C],
    d: Coroutine[Any, Any, D], e: Coroutine[Any, Any, E], /,
) -> tuple[A, B, C, D, E]: ...  # fmt: skip
@overload
async def together(
    session: Session, a: Coroutine[Any, Any, A], b: Coroutine[Any, Any, B], c: Coroutine[Any, Any, C],
    d: Coroutine[Any, Any, D], e: Coroutine[Any, Any, E], f: Coroutine[Any, Any, F], /,
) -> tuple[A, B, C, D, E, F]: ...  # fmt: skip
@overload
async def together(session: Session, /, *works: Coroutine[Any, Any, A]) -> list[A]: ...
async def together(session: Session, /, *works: _Work) -> Any:
    """Await use cases that were given `session` and do not depend on each other; return their results.

    With a session of `joining` their statements travel together, and none of them sees what another of the
    same trip writes; with any other session one use case follows the other. When one raises, the others are
    given up, and so is the transaction, as a statement of theirs may have been on its way.
    """
    if isinstance(session, _Joining) and len(works) > 1:
        return await session.all(works)
    waiting = list(works)
    try:
        return [await waiting.pop(0) for _ in works]
    finally:
        for never in waiting:
            never.close()


@dataclass(frozen=True, slots=True)
class _Asked:
    statement: Executable
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a use case waits for: whoever leads it sends the rows of each, or throws why there are none."""

    asked: tuple[_Asked, ...]

    def __await__(self) -> Generator[Any, Any, Sequence[Result[Any]]]:
        """Wait for the rows."""
        rows: Sequence[Result[Any]] = yield self
        return rows


@dataclass(frozen=True, slots=True)
class _Done:
    result: Any


class _Joining:
    """Leads use cases step by step: when each waits for rows or is done, all rows are asked for at once.

    There is no task for each of them: what a use case waits for beside rows, its leader waits for.
    """

    def __init__(self, session: Session) -> None:
        self._session: Final = session
        self._leads = False

    @property
    def sync_connection(self) -> Connection | None:
        """Return what the engine keeps with the connection."""
        return self._session.sync_connection

    async def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        """Return the statement's rows, fetched when whoever else is led waits as well."""
        if not self._leads:
            return await self._session.execute(statement, parameters)
        return (await _Wanted((_Asked(statement, parameters),)))[0]

    @coroutine
    def all(self, works: Sequence[_Work]) -> Generator[Any, Any, list[Any]]:
        """Await all, in as few trips as may be."""
        is_led, self._leads = self._leads, True
        results: list[Any] = [None] * len(works)
        given: Mapping[int, Any] = dict.fromkeys(range(len(works)))
        try:
            while given:
                wanted: dict[int, _Wanted] = {}
                for place, answer in given.items():
                    reached = yield from _go_on(works[place], answer)
                    if isinstance(reached, _Done):
                        results[place] = reached.result
                    else:
                        wanted[place] = reached
                given = yield from self._answers(wanted, is_led=is_led)
            return results
        finally:
            self._leads = is_led
            for work in works:
                work.close()

    def _answers(
        self, wanted: Mapping[int, _Wanted], *, is_led: bool
    ) -> Generator[Any, Any, Mapping[int, Any]]:
        asked = tuple(chain.from_iterable(it.asked for it in wanted.values()))
        if not asked:
            return {}
        try:
            rows = (yield _Wanted(asked)) if is_led else (yield from self._rows(asked).__await__())
        except BaseException as error:  # noqa: BLE001 - it goes on in the first of those who wait
            return dict.fromkeys(wanted, error)
        left = iter(rows)
        return {place: [*islice(left, len(it.asked))] for place, it in wanted.items()}

    async def _rows(self, asked: Sequence[_Asked]) -> Sequence[Result[Any]]:
        parts = [each for each in asked if len(asked) > 1 and _can_be_joined(each)]
        fetched = iter(await self._fetch(parts))
        return [
            next(fetched) if each in parts else await self._session.execute(each.statement, each.parameters)
            for each in asked
        ]

    async def _fetch(self, parts: Sequence[_Asked]) -> Sequence[Result[Any]]:
        if not parts:
            return ()
        trip = _trip(tuple((each.statement, tuple(each.parameters)) for each in parts))
        given = {
            _name(place, name): value
            for place, each in enumerate(parts)
            for name, value in each.parameters.items()
        }
        columns = (await self._session.execute(trip.statement, given)).one()
        return [
            IteratorResult(SimpleResultMetaData(names), iter(rows or ()))
            for names, rows in zip(trip.keys, columns, strict=True)
        ]


def _go_on(work: _Work, answer: Any) -> Generator[Any, Any, _Wanted | _Done]:
    """Give a use case what it waited for, and return what it wants next, or what it came to."""
    try:
        reached = work.throw(answer) if isinstance(answer, BaseException) else work.send(answer)
        while not isinstance(reached, _Wanted):
            try:
                met = yield reached
            except BaseException as error:  # noqa: BLE001 - it is the use case's, as if it waited itself
                reached = work.throw(error)
            else:
                reached = work.send(met)
    except StopIteration as done:
        return _Done(done.value)
    return reached


def _can_be_joined(asked: _Asked) -> bool:
    is_declared = bool(asked.statement.get_execution_options().get(_JOINABLE))
    return is_declared and isinstance(asked.parameters, Mapping)


@dataclass(frozen=True, slots=True)
class _Trip:
    statement: Select[Any]
    keys: Sequence[Sequence[str]]


@lru_cache(_MOST_KEPT)
def _trip(parts: tuple[tuple[Any, tuple[str, ...]], ...]) -> _Trip:
    # Made once for each set of statements that ever meets: they are constants, and told apart as such.
    statement, keys = select(), []
    for place, (part, names) in enumerate(parts):
        renamed = _renamed(part, place, names)
        source: CTE | Subquery
        if isinstance(renamed, UpdateBase):
            source = renamed.cte(f"part_{place}")
            statement = statement.add_cte(source)
        else:
            source = renamed.subquery(f"part_{place}")
        keys.append([str(column.key) for column in source.c])
        rows = select(func.row(*source.c)).select_from(source).scalar_subquery()
        statement = statement.add_columns(func.array(rows) if keys[-1] else null())
    return _Trip(statement, keys)


def _renamed(part: Any, place: int, names: Collection[str]) -> Any:
    columns = set(names)

    def replace(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter) or element.key not in names:
            return None
        columns.discard(element.key)
        return bindparam(_name(place, element.key), type_=element.type, expanding=element.expanding)

    renamed = replacement_traverse(part, {}, replace)
    if not columns:
        return renamed
    table = part.table
    return renamed.values({it: bindparam(_name(place, it), type_=table.c[it].type) for it in columns})


def _name(place: int, name: str) -> str:
    return f"part_{place}_{name}"
