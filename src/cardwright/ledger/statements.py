"""What the ledger says of itself: the trial balance, and whether every figure agrees with its postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from cardwright.db.session import Session
from cardwright.ledger import queries
from cardwright.ledger.domain import CHART, Side


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
class Discrepancy:
    """A figure that is not what the rows behind it add up to."""

    what: str
    subject_id: str
    stored: int
    recomputed: int


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One posting as it is shown: amounts in minor units, `balance_after` only where a balance runs."""

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
    kind: str
    external_id: str
    currency: str
    payment_id: str | None
    posted_at: datetime
    approval_id: str | None
    postings: tuple[JournalLine, ...]


async def entries(
    session: Session, program_id: str, *, before: str | None, limit: int
) -> Sequence[JournalEntry]:
    """Return entries with their lines, newest first, those older than the entry `before`."""
    heads = await queries.entry_heads(session, program_id, before=before, limit=limit)
    rows = await queries.lines_of(session, [head.id for head in heads])
    lines = {
        entry_id: tuple(
            JournalLine(row.account_id, row.code, row.owner_id, row.side, row.amount, row.balance_after)
            for row in group
        )
        for entry_id, group in groupby(rows, key=lambda row: row.entry_id)
    }
    return [
        JournalEntry(
            head.id,
            head.kind,
            head.external_id,
            head.currency,
            head.payment_id,
            head.posted_at,
            head.approval_id,
            lines[head.id],
        )
        for head in heads
    ]


async def trial_balance(session: Session, program_id: str, *, at: datetime | None = None) -> TrialBalance:
    """Return the trial balance now, or as it stood at an instant."""
    rows = await queries.totals_by_code(session, program_id, at)
    return TrialBalance(tuple(TrialBalanceLine(*row) for row in rows))


async def verify(session: Session) -> Sequence[Discrepancy]:
    """Recompute every balance, held amount and entry; return what differs: nothing, if all is well."""
    found = [
        *[("posted_balance", *row) for row in await queries.wrong_balances(session)],
        *[("held", *row) for row in await queries.wrong_holds(session)],
        *[("entry", *row) for row in await queries.unbalanced_entries(session)],
    ]
    return [Discrepancy(*row) for row in found]
