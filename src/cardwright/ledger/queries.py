"""Statements that read across the whole ledger: totals, pages, and the checks of its own figures."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select, tuple_

from cardwright.db.session import Session
from cardwright.ledger.domain import CHART, Account, AccountFilter, EntryFilter, Side
from cardwright.ledger.store import account_from_row, accounts, holds, journal_entries, postings

_debits = func.coalesce(func.sum(postings.c.amount).filter(postings.c.side == Side.DEBIT), 0)
_credits = func.coalesce(func.sum(postings.c.amount).filter(postings.c.side == Side.CREDIT), 0)
_RUNNING = [code for code, of in CHART.items() if not of.shared]
_CREDIT_NORMAL = [code for code, of in CHART.items() if of.normal_side is Side.CREDIT]


async def totals_by_code(
    session: Session, program_id: str, at: datetime | None
) -> Sequence[tuple[str, str, int, int]]:
    """Return (code, currency, debits, credits) per account code of a program."""
    query = (
        select(accounts.c.code, accounts.c.currency, _debits, _credits)
        .join(postings, postings.c.account_id == accounts.c.id)
        .where(accounts.c.program_id == program_id)
        .group_by(accounts.c.code, accounts.c.currency)
        .order_by(accounts.c.currency, accounts.c.code)
    )
    if at is not None:
        query = query.join(journal_entries, journal_entries.c.id == postings.c.entry_id).where(
            journal_entries.c.posted_at <= at
        )
    rows = await session.execute(query)
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


async def wrong_balances(session: Session) -> Sequence[tuple[str, int, int]]:
    """Return (account id, stored, recomputed) of accounts whose running balance is not its postings' sum."""
    recomputed: ColumnElement[int] = case(
        (accounts.c.code.in_(_CREDIT_NORMAL), _credits - _debits), else_=_debits - _credits
    )
    rows = await session.execute(
        select(accounts.c.id, accounts.c.posted_balance, recomputed)
        .outerjoin(postings, postings.c.account_id == accounts.c.id)
        .where(accounts.c.code.in_(_RUNNING))
        .group_by(accounts.c.id)
        .having(accounts.c.posted_balance != recomputed)
    )
    return [(row[0], row[1], int(row[2])) for row in rows]


async def wrong_holds(session: Session) -> Sequence[tuple[str, int, int]]:
    """Return (account id, stored, recomputed) of accounts whose held amount is not the sum of their holds."""
    recomputed = func.coalesce(func.sum(holds.c.remaining), 0)
    rows = await session.execute(
        select(accounts.c.id, accounts.c.held, recomputed)
        .outerjoin(holds, holds.c.account_id == accounts.c.id)
        .group_by(accounts.c.id)
        .having(accounts.c.held != recomputed)
    )
    return [(row[0], row[1], int(row[2])) for row in rows]


async def unbalanced_entries(session: Session) -> Sequence[tuple[str, int, int]]:
    """Return (entry id, debits, credits) of entries whose sides differ or that have no lines."""
    rows = await session.execute(
        select(journal_entries.c.id, _debits, _credits)
        .outerjoin(postings, postings.c.entry_id == journal_entries.c.id)
        .group_by(journal_entries.c.id)
        .having((_debits != _credits) | (_debits == 0))
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


async def owned_accounts(session: Session, program_id: str, owner_id: str) -> Sequence[Account]:
    """Return a cardholder's accounts."""
    rows = await session.execute(
        select(accounts)
        .where(accounts.c.program_id == program_id, accounts.c.owner_id == owner_id)
        .order_by(accounts.c.code)
    )
    return [account_from_row(row) for row in rows]


async def entry_heads(
    session: Session, program_id: str, wanted: EntryFilter, *, before: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Return the heads of entries that pass a filter, by their date and newest first."""
    heads = journal_entries.c
    query = select(journal_entries).where(heads.program_id == program_id)
    if wanted.account_id is not None:
        touching = select(postings.c.entry_id).where(postings.c.account_id == wanted.account_id)
        query = query.where(heads.id.in_(touching))
    if wanted.kind is not None:
        query = query.where(heads.kind == wanted.kind)
    if wanted.external_id is not None:
        query = query.where(heads.external_id == wanted.external_id)
    if wanted.payment_id is not None:
        query = query.where(heads.payment_id == wanted.payment_id)
    if wanted.since is not None:
        query = query.where(heads.posted_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(heads.posted_at < wanted.until)
    if before is not None:
        last = select(heads.posted_at).where(heads.program_id == program_id, heads.id == before)
        query = query.where(tuple_(heads.posted_at, heads.id) < tuple_(last.scalar_subquery(), before))
    query = query.order_by(heads.posted_at.desc(), heads.id.desc()).limit(limit)
    return (await session.execute(query)).all()


async def heads_of(session: Session, entry_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the heads of entries of any program, without those that are gone."""
    return (await session.execute(select(journal_entries).where(journal_entries.c.id.in_(entry_ids)))).all()


async def find_reversal_id(session: Session, entry_id: str) -> str | None:
    """Return the id of the entry that took another back."""
    query = select(journal_entries.c.id).where(journal_entries.c.reverses_id == entry_id)
    return (await session.execute(query)).scalar_one_or_none()


async def list_accounts(
    session: Session, program_id: str, wanted: AccountFilter, *, before: str | None, limit: int
) -> Sequence[Account]:
    """Return accounts that pass a filter, newest first, with the balances of shared ones added up."""
    query = _with_balances().where(accounts.c.program_id == program_id)
    for field in fields(wanted):
        if (value := getattr(wanted, field.name)) is not None:
            query = query.where(accounts.c[field.name] == value)
    if before is not None:
        query = query.where(accounts.c.id < before)
    rows = await session.execute(query.order_by(accounts.c.id.desc()).limit(limit))
    return [_account(row) for row in rows]


async def find_account(session: Session, program_id: str, account_id: str) -> Account | None:
    """Return an account of a program with its balance, not locked."""
    query = _with_balances().where(accounts.c.program_id == program_id, accounts.c.id == account_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _account(row)


def _with_balances() -> Select[Any]:
    # Only shared accounts are added up, and only those that are returned.
    added_up = (
        select(_debits - _credits).where(postings.c.account_id == accounts.c.id).correlate(accounts)
    ).scalar_subquery()
    return select(accounts, case((accounts.c.code.not_in(_RUNNING), added_up)).label("debit_balance"))


def _account(row: Row[Any]) -> Account:
    account = account_from_row(row)
    if row.debit_balance is None:
        return account
    is_debit = CHART[row.code].normal_side is Side.DEBIT
    return replace(account, posted_balance=int(row.debit_balance if is_debit else -row.debit_balance))


async def lines_of(session: Session, entry_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Return the lines of entries with their accounts' codes and owners, in order."""
    rows = await session.execute(
        select(postings, accounts.c.code, accounts.c.owner_id)
        .join(accounts, accounts.c.id == postings.c.account_id)
        .where(postings.c.entry_id.in_(entry_ids))
        .order_by(postings.c.entry_id, postings.c.line)
    )
    return rows.all()
