"""Drafts and their deadline: reminded of before it, closed by it."""

from dataclasses import replace
from typing import Final

from cardwright import audit
from cardwright.db.jobs import Work
from cardwright.disputes import domain, store
from cardwright.disputes.recording import tell

_AT_ONCE: Final = 200


async def remind_of_deadlines(work: Work) -> int:
    """Tell holders, once each, of drafts that soon can no longer be submitted; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        drafts = await store.drafts_for_update(
            session, until=at + domain.REMINDED_BEFORE, unreminded_after=at, limit=_AT_ONCE
        )
        for draft in drafts:
            reminded = replace(draft, reminded_at=at)
            await store.save(session, reminded)
            await tell(
                session, reminded, "deadline_near", "system", at,
                days_left=(draft.submit_by - at).days, submit_by=draft.submit_by.date().isoformat(),
            )  # fmt: skip
    return len(drafts)


async def expire_drafts(work: Work) -> int:
    """Close the drafts whose time to submit is over; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        drafts = await store.drafts_for_update(session, until=at, limit=_AT_ONCE)
        for draft in drafts:
            expired = domain.expire(draft, at)
            await store.save(session, expired)
            await tell(session, expired, "dispute_expired", "system", at)
            details = {
                "owner_id": expired.user_id,
                "payment_id": expired.payment_id,
                "amount": expired.amount,
            }
            await audit.record(
                session, "system", expired.program_id, "dispute.expired", expired.id, details, at
            )
    return len(drafts)
