"""Recomputes the books from time to time, in one worker, and shows how many figures are wrong."""

from cardwright import ledger, payments
from cardwright.db.jobs import Work
from cardwright.measures import LEDGER_DRIFT, LEDGER_VERIFIED
from cardwright.observability import store


async def measure_books(work: Work) -> None:
    """Recompute every balance, hold, entry and payment, unless somebody else is at it."""
    async with work.transaction() as session:
        if not await store.try_to_take_books(session):
            return
        wrong = [*await ledger.verify(session), *await payments.verify(session)]
    LEDGER_DRIFT.set(len(wrong))
    LEDGER_VERIFIED.set_to_current_time()
