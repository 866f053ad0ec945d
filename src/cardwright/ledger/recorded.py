"""What was posted to one account of the program, for whoever compares it with a balance elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from cardwright.db.session import Session
from cardwright.ledger.domain import Side
from cardwright.ledger.store import accounts, journal_entries, postings

_change = func.sum(case((postings.c.side == Side.DEBIT, postings.c.amount), else_=-postings.c.amount))


@dataclass(frozen=True, slots=True)
class Change:
    """By how much an entry moved an account, debits being positive, in minor units of `currency`."""

    external_id: str
    amount: int
    currency: str
    posted_at: datetime
    payment_id: str | None


async def changes_of(
    session: Session, *, program_id: str, code: str, external_ids: Sequence[str]
) -> Mapping[str, Change]:
    """Return how the entries of some external ids moved the program's account of a code."""
    query = _changes(program_id, code).where(journal_entries.c.external_id.in_(external_ids))
    return {found.external_id: found for found in await _read(session, query)}


async def changes_between(
    session: Session, *, program_id: str, code: str, since: datetime, until: datetime,
    kinds: frozenset[str] | None = None,
) -> Sequence[Change]:  # fmt: skip
    """Return how the entries posted between two instants, all or of some kinds, moved an account."""
    query = _changes(program_id, code).where(journal_entries.c.posted_at.between(since, until))
    if kinds is not None:
        query = query.where(journal_entries.c.program_id == program_id, journal_entries.c.kind.in_(kinds))
    return await _read(session, query)


async def _read(session: Session, query: Select[Any]) -> Sequence[Change]:
    rows = await session.execute(query)
    return [Change(row[0], int(row[1]), *row[2:]) for row in rows]


def _changes(program_id: str, code: str) -> Select[Any]:
    return (
        select(
            journal_entries.c.external_id, _change, journal_entries.c.currency, journal_entries.c.posted_at,
            journal_entries.c.payment_id,
        )
        .join(postings, postings.c.entry_id == journal_entries.c.id)
        .join(accounts, accounts.c.id == postings.c.account_id)
        .where(accounts.c.program_id == program_id, accounts.c.code == code)
        .group_by(journal_entries.c.id)
    )  # fmt: skip
