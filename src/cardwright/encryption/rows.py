"""The sealed rows of all slices, as rotation sees them: which key each is under, and writing them anew."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, func, or_, select, update

from cardwright.db.confinement import acting_as
from cardwright.db.session import Session
from cardwright.encryption.columns import SealedColumn
from cardwright.encryption.domain import Place


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A locked row with those of its records that are not under the current key."""

    row_id: str
    records: Mapping[Place, str]


def by_table(columns: Iterable[SealedColumn]) -> Sequence[Sequence[SealedColumn]]:
    """Group columns whose records stand in the same rows."""
    groups: dict[tuple[str, str, str], list[SealedColumn]] = {}
    for column in columns:
        groups.setdefault((column.table.name, column.row_id, column.program_id), []).append(column)
    return list(groups.values())


async def count_records(
    session: Session, columns: Iterable[SealedColumn], program_id: str
) -> Mapping[str, int]:
    """Return how many records of a program each key has, by key id."""
    counted: Counter[str] = Counter()
    for column in columns:
        key_id = _key_id(column).label("key_id")
        async with _in_role(session, column):
            rows = await session.execute(
                select(key_id, func.count())
                .where(column.program_column == program_id, column.column.is_not(None))
                .group_by(key_id)
            )
        for found, count in rows:
            counted[found] += count
    return counted


async def stale_rows_for_update(
    session: Session,
    columns: Sequence[SealedColumn],
    program_id: str,
    *,
    current_key_id: str,
    after: str,
    limit: int,
) -> Sequence[SealedRow]:
    """Return and lock rows of one table with records under other keys, by id; rows in use are skipped.

    Skipping keeps rotation from waiting for a writer, who might in turn wait for rotation.
    """
    first = columns[0]
    query = (
        select(first.row_id_column.label("row_id"), *(column.column for column in columns))
        .where(
            first.program_column == program_id,
            first.row_id_column > after,
            or_(*(_key_id(column) != current_key_id for column in columns)),
        )
        .order_by(first.row_id_column)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    async with _in_role(session, first):
        rows = await session.execute(query)
    return [
        SealedRow(row["row_id"], _stale(row, columns, program_id, current_key_id)) for row in rows.mappings()
    ]


async def replace_records(
    session: Session, column: SealedColumn, records: Mapping[Place, tuple[str, str]]
) -> None:
    """Store new records, each (before, after), where the one before is still in its place."""
    async with _in_role(session, column):
        for place, (before, after) in records.items():
            await session.execute(
                update(column.table)
                .where(
                    column.row_id_column == place.row_id,
                    column.program_column == place.program_id,
                    column.column == before,
                )
                .values({column.name: after})
            )


def _in_role(session: Session, column: SealedColumn) -> AbstractAsyncContextManager[None]:
    return nullcontext() if column.role is None else acting_as(session, column.role)


def _key_id(column: SealedColumn) -> ColumnElement[str]:
    return func.split_part(column.column, ":", 2)


def _stale(
    row: RowMapping, columns: Sequence[SealedColumn], program_id: str, current_key_id: str
) -> Mapping[Place, str]:
    records = {column.place(row["row_id"], program_id): row[column.name] for column in columns}
    return {
        place: sealed
        for place, sealed in records.items()
        if sealed is not None and sealed.split(":")[1:2] != [current_key_id]
    }
