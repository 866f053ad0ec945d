"""Whether every figure that is stored agrees with the postings behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cardwright.db.session import Session
from cardwright.ledger import period_store, queries, statements
from cardwright.ledger.domain import PeriodChange, last_instant, snapshots_in_force


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A figure that is not what the rows behind it add up to."""

    what: str
    subject_id: str
    stored: int
    recomputed: int


async def verify(session: Session) -> Sequence[Discrepancy]:
    """Recompute every balance, held amount, entry and closed month; return what differs."""
    found = [
        *[("posted_balance", *row) for row in await queries.wrong_balances(session)],
        *[("held", *row) for row in await queries.wrong_holds(session)],
        *[("entry", *row) for row in await queries.unbalanced_entries(session)],
    ]
    return [Discrepancy(*row) for row in found] + await _changed_months(session)


async def _changed_months(session: Session) -> list[Discrepancy]:
    found = []
    changes = await period_store.all_changes(session)
    for _, of_program in groupby(changes, key=lambda change: change.program_id):
        for closed in snapshots_in_force(list(of_program)):
            found += await _differences(session, closed)
    return found


async def _differences(session: Session, closed: PeriodChange) -> list[Discrepancy]:
    balance = await statements.trial_balance(session, closed.program_id, at=last_instant(closed.month))
    present = {(line.code, line.currency): line.debits - line.credits for line in balance.lines}
    stored = {
        (line["code"], line["currency"]): line["debits"] - line["credits"]
        for line in closed.trial_balance or ()
    }
    return [
        Discrepancy("closed_month", f"{closed.id} {code} {currency}", then, now)
        for code, currency in sorted(present.keys() | stored.keys())
        if (then := stored.get((code, currency), 0)) != (now := present.get((code, currency), 0))
    ]
