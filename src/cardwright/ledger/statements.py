"""What the ledger says of itself: accounts, entries, the trial balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.ledger import queries
from cardwright.ledger.domain import CHART, Account, EntryFilter, Side

_ALL: Final = EntryFilter()


@dataclass(frozen=True, slots=True)
class TrialBalanceLine:
    """One account code in one currency: totals of all its accounts in minor units."""

    code: str
    currency: str
    debits: int
    credits: int

    @property
    def balance(self) -> int:
        """The balance on the code's normal side."""
        difference = self.debits - self.credits
        return difference if CHART[self.code].normal_side is Side.DEBIT else -difference


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account code of a program; `difference` is zero, or the books are wrong."""

    lines: tuple[TrialBalanceLine, ...]

    @property
    def difference(self) -> dict[str, int]:
        """Debits minus credits per currency, in minor units."""
        currencies = sorted({line.currency for line in self.lines})
        return {
            currency: sum(line.debits - line.credits for line in self.lines if line.currency == currency)
            for currency in currencies
        }


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One posting as it is shown: amounts in minor units, `balance_after` only where a balance runs."""

    line: int
    account_id: str
    code: str
    owner_id: str
    side: str
    amount: int
    balance_after: int | None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A posted entry with its lines."""

    id: str
    program_id: str
    kind: str
    external_id: str
    currency: str
    payment_id: str | None
    posted_at: datetime
    approval_id: str | None
    reverses_id: str | None
    postings: tuple[JournalLine, ...]


async def entries(
    session: Session, program_id: str, wanted: EntryFilter = _ALL, *, before: str | None, limit: int
) -> Sequence[JournalEntry]:
    """Return entries with their lines, by date and newest first, from after the entry `before`."""
    return await _whole(
        session, await queries.entry_heads(session, program_id, wanted, before=before, limit=limit)
    )


async def entries_by_id(session: Session, entry_ids: Sequence[str]) -> Mapping[str, JournalEntry]:
    """Return entries of any program by their ids, without those that are gone."""
    return {entry.id: entry for entry in await _whole(session, await queries.heads_of(session, entry_ids))}


async def get_entry(session: Session, program_id: str, entry_id: str) -> JournalEntry:
    """Return an entry of a program; raise NotFound."""
    found = (await entries_by_id(session, [entry_id])).get(entry_id)
    if found is None or found.program_id != program_id:
        raise NotFound("entry_unknown", "There is no such journal entry.")
    return found


async def get_account(session: Session, program_id: str, account_id: str) -> Account:
    """Return an account of a program with its balance; raise NotFound."""
    found = await queries.find_account(session, program_id, account_id)
    if found is None:
        raise NotFound("account_unknown", "There is no such ledger account.")
    return found


async def _whole(session: Session, heads: Sequence[Any]) -> Sequence[JournalEntry]:
    rows = await queries.lines_of(session, [head.id for head in heads])
    lines = {
        entry_id: tuple(
            JournalLine(
                row.line, row.account_id, row.code, row.owner_id, row.side, row.amount, row.balance_after
            )
            for row in group
        )
        for entry_id, group in groupby(rows, key=lambda row: row.entry_id)
    }
    return [
        JournalEntry(
            id=head.id, program_id=head.program_id, kind=head.kind, external_id=head.external_id,
            currency=head.currency, payment_id=head.payment_id, posted_at=head.posted_at,
            approval_id=head.approval_id, reverses_id=head.reverses_id,
            # None are left where a database administrator removed them; the seals tell.
            postings=lines.get(head.id, ()),
        )
        for head in heads
    ]  # fmt: skip


async def trial_balance(session: Session, program_id: str, *, at: datetime | None = None) -> TrialBalance:
    """Return the trial balance now, or as it stood at an instant."""
    rows = await queries.totals_by_code(session, program_id, at)
    return TrialBalance(tuple(TrialBalanceLine(*row) for row in rows))
