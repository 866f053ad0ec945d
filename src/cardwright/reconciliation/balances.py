"""A vendor's balance against its own movements: finds what moved it and is in no list at all."""

from collections.abc import Mapping
from datetime import datetime

from cardwright.db.session import Session
from cardwright.reconciliation import keeping, reported_store, store, totals_store
from cardwright.reconciliation.comparing import Compared
from cardwright.reconciliation.domain import Cause, DifferenceKind, Found, Settled
from cardwright.reconciliation.kinds import BALANCES, KINDS
from cardwright.reconciliation.reported_store import Whose
from cardwright.reconciliation.totals_store import Anchor

Balances = Mapping[tuple[str, str], int]
"""By the balance's name and currency, in minor units."""


async def compare_balances(
    session: Session, whose: Whose, balances: Balances, *, covered_since: datetime, at: datetime
) -> keeping.Kept:
    """List each balance that has grown by other than its movements since it was first looked at.

    What is known to be misreported is taken into account: it is listed by itself.
    """
    wrong = await store.misreported(session, whose.program_id, whose.source)
    compared = []
    for (name, currency), amount in sorted(balances.items()):
        misreported = sum(
            delta
            for (record, its_currency), delta in wrong.items()
            if its_currency == currency and record in KINDS and KINDS[record].balance == name
        )
        anchor = await totals_store.find_anchor(session, whose, name, currency)
        since = anchor.since if anchor else covered_since
        moved = await reported_store.moved_since(session, whose, name, currency, since)
        gap = amount - moved + misreported
        if anchor is None:
            await totals_store.insert_anchor(session, whose, name, currency, Anchor(since, gap))
            continue
        differs = Found(DifferenceKind.TOTAL_DIFFERS, Cause.BALANCE_UNEXPLAINED, gap - anchor.gap)
        told = Settled(amount, currency, 0, 0, at, at)
        compared.append(Compared(f"{name}:{currency}", None, told, None, (differs,) if differs.delta else ()))
    return await keeping.keep(session, BALANCES, whose, compared, at)
