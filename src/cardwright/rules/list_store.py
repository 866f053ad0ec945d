"""The tables of named lists and their entries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Index,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.rules.domain import ListEntry, ListKind, RuleList

rule_lists = Table(
    "rule_lists",
    metadata,
    id_column(),
    reference("program_id"),
    text("name"),
    text("kind"),
    text("description"),
    instant("created_at"),
    UniqueConstraint("program_id", "name"),
)
entries = Table(
    "rule_list_entries",
    metadata,
    reference("program_id"),
    reference("list_id"),
    text("value"),
    instant("expires_at", nullable=True),
    text("reason"),
    reference("author_id"),
    instant("added_at"),
    PrimaryKeyConstraint("list_id", "value"),
    Index("ix_rule_list_entries_expires_at", "expires_at", postgresql_where="expires_at IS NOT NULL"),
)


def _holds(at: Any) -> Any:
    return or_(entries.c.expires_at.is_(None), entries.c.expires_at > at)


async def insert_list(session: Session, new: RuleList) -> bool:
    """Insert a list; False when its name is taken."""
    added = await session.execute(
        postgresql.insert(rule_lists)
        .values(
            id=new.id, program_id=new.program_id, name=new.name, kind=new.kind,
            description=new.description, created_at=new.created_at,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    return added.rowcount == 1


async def lists_of(session: Session, program_id: str) -> Sequence[RuleList]:
    """Return a program's lists by name."""
    query = select(rule_lists).where(rule_lists.c.program_id == program_id).order_by(rule_lists.c.name)
    return [_list(row) for row in await session.execute(query)]


async def list_for_update(session: Session, program_id: str, list_id: str) -> RuleList | None:
    """Return a list, locked; changes of one list wait for each other."""
    row = (
        await session.execute(
            select(rule_lists)
            .where(rule_lists.c.program_id == program_id, rule_lists.c.id == list_id)
            .with_for_update()
        )
    ).one_or_none()
    return None if row is None else _list(row)


async def find_list(session: Session, program_id: str, list_id: str) -> RuleList | None:
    """Return a list."""
    row = (
        await session.execute(
            select(rule_lists).where(rule_lists.c.program_id == program_id, rule_lists.c.id == list_id)
        )
    ).one_or_none()
    return None if row is None else _list(row)


async def put_entries(
    session: Session, found: RuleList, new: Mapping[str, datetime | None], *, reason: str, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Insert entries with their ends; those that are there already get the new end, reason and author."""
    statement = postgresql.insert(entries)
    changed = {name: statement.excluded[name] for name in ("expires_at", "reason", "author_id", "added_at")}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["list_id", "value"], set_=changed),
        [
            {
                "program_id": found.program_id, "list_id": found.id, "value": value, "expires_at": end,
                "reason": reason, "author_id": by, "added_at": at,
            }
            for value, end in new.items()
        ],
    )  # fmt: skip


async def remove_entries(session: Session, found: RuleList, values: Collection[str]) -> Sequence[str]:
    """Delete entries and return those that were there."""
    removed = await session.execute(
        delete(entries)
        .where(entries.c.list_id == found.id, entries.c.value.in_(values))
        .returning(entries.c.value)
    )
    return sorted(removed.scalars())


async def count_entries(session: Session, list_id: str) -> int:
    """Return how many entries a list has, those that are over included until they are swept."""
    query = select(func.count()).where(entries.c.list_id == list_id)
    return (await session.execute(query)).scalar_one()


async def entries_after(
    session: Session, list_id: str, after: str | None, limit: int, at: datetime
) -> Sequence[ListEntry]:
    """Return entries that hold, by value, those after one."""
    query = select(entries).where(entries.c.list_id == list_id, _holds(at))
    if after is not None:
        query = query.where(entries.c.value > after)
    rows = await session.execute(query.order_by(entries.c.value).limit(limit))
    return [ListEntry(row.value, row.expires_at, row.reason, row.author_id, row.added_at) for row in rows]


_MEMBERS: Final = joinable(
    select(rule_lists.c.name, entries.c.value)
    .join(entries, entries.c.list_id == rule_lists.c.id)
    .where(
        rule_lists.c.program_id == bindparam("program_id"),
        rule_lists.c.name == any_(bindparam("names", type_=ARRAY(Text))),
        entries.c.value == any_(bindparam("values", type_=ARRAY(Text))),
        _holds(bindparam("at")),
    )
    .order_by(rule_lists.c.name, entries.c.value)
)


async def members(
    session: Session, program_id: str, names: Collection[str], values: Collection[str], at: datetime
) -> Sequence[tuple[str, str]]:
    """Return which of some values are entries of which of some lists."""
    wanted = {"program_id": program_id, "names": list(names), "values": list(values), "at": at}
    return [(row.name, row.value) for row in await session.execute(_MEMBERS, wanted)]


async def sweep(session: Session, at: datetime) -> int:
    """Delete the entries whose time is over; return how many."""
    return (await session.execute(delete(entries).where(entries.c.expires_at <= at))).rowcount


def _list(row: Row[Any]) -> RuleList:
    return RuleList(row.id, row.program_id, row.name, ListKind(row.kind), row.description, row.created_at)
