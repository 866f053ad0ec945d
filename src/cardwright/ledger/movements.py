"""What moved a cardholder's money in a period, with the balances around it, as of one instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, case, func, select, true

from cardwright.db.session import Session
from cardwright.ledger.domain import Side
from cardwright.ledger.store import accounts, journal_entries, postings

_OWN: Final = ("wallet", "receivable")
_SHOWN: Final = ("id", "kind", "external_id", "payment_id", "posted_at")
_credited = func.sum(case((postings.c.side == Side.CREDIT, postings.c.amount), else_=-postings.c.amount))


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry as its cardholder sees it: by how much it changed what they have, in minor units."""

    entry_id: str
    kind: str
    external_id: str
    payment_id: str | None
    posted_at: datetime
    change: int


@dataclass(frozen=True, slots=True)
class Movements:
    """Every movement of a period, oldest first; `opening + the changes = closing`.

    A balance is what is in the wallet less what is owed, below zero when nothing covers a debt.
    """

    opening: int
    closing: int
    lines: tuple[Movement, ...]


async def movements(
    session: Session, *, program_id: str, owner_id: str, currency: str, since: datetime, until: datetime
) -> Movements:
    """Return what was posted to a cardholder's accounts from `since` on and before `until`.

    Counted back from the balances of now, in the same statement: no entry that is posted meanwhile is half
    in it.
    """
    own = accounts.c.program_id == program_id, accounts.c.owner_id == owner_id
    mine = select(accounts.c.id).where(*own, accounts.c.currency == currency, accounts.c.code.in_(_OWN))
    balance = case((accounts.c.code == "wallet", accounts.c.posted_balance), else_=-accounts.c.posted_balance)
    now = select(func.coalesce(func.sum(balance), 0)).where(accounts.c.id.in_(mine))
    posted = postings.join(journal_entries, journal_entries.c.id == postings.c.entry_id)
    of_mine = postings.c.account_id.in_(mine)
    later = (
        select(func.coalesce(_credited, 0))
        .select_from(posted)
        .where(of_mine, journal_entries.c.posted_at >= until)
    )
    figures = select(now.scalar_subquery().label("now"), later.scalar_subquery().label("later")).subquery()
    head = journal_entries.c
    lines = (
        select(*(head[name] for name in _SHOWN), _credited.label("change"))
        .select_from(posted)
        .where(of_mine, head.posted_at >= since, head.posted_at < until)
        .group_by(head.id)
        .subquery()
    )
    query = select(figures, lines).select_from(figures.outerjoin(lines, true()))
    rows = (await session.execute(query.order_by(lines.c.posted_at, lines.c.id))).all()
    closing = int(rows[0].now - rows[0].later)
    moved = tuple(_movement(row) for row in rows if row.id is not None)
    return Movements(closing - sum(line.change for line in moved), closing, moved)


def _movement(row: Row[Any]) -> Movement:
    return Movement(row.id, row.kind, row.external_id, row.payment_id, row.posted_at, int(row.change))
