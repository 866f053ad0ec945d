"""What an attempt came to, stored: the attempt, the delivery, and the endpoint where it changed."""

import random
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event, append
from cardwright.db.session import Session
from cardwright.webhooks import delivery_store, store
from cardwright.webhooks.domain import Attempt, Delivery, Endpoint, settle

DISABLED: Final = "webhooks.endpoint_disabled"
_BY_ITSELF: Final = "system"
_chances: Final = random.SystemRandom()


async def record_attempt(work: Work, sent: Delivery, endpoint: Endpoint, attempt: Attempt) -> None:
    """Store an attempt and what follows of it; `sent` and `endpoint` are as they were when it began."""
    at = work.clock.now()
    # Successes of an endpoint that is well do not wait for each other.
    may_change = not attempt.is_success or endpoint.failing_since is not None
    async with work.transaction() as session:
        # The endpoint before its deliveries, as whoever disables or deletes it does.
        now = await store.find_endpoint(session, endpoint.id, lock=may_change)
        delivery = await delivery_store.find_delivery(session, sent.id, lock=True)
        if now is None or delivery is None:
            return
        await delivery_store.add_attempt(session, delivery, attempt)
        settled = settle(delivery, now, sent, attempt, at=at, chance=_chances.random())
        await delivery_store.save_delivery(session, settled.delivery)
        if may_change and settled.endpoint != now:
            await store.save_endpoint(session, settled.endpoint)
        if now.is_enabled and not settled.endpoint.is_enabled:
            await _disabled(session, settled.endpoint, at)


async def _disabled(session: Session, endpoint: Endpoint, at: datetime) -> None:
    await delivery_store.cancel_waiting(session, endpoint.id)
    because = None if endpoint.disabled_because is None else endpoint.disabled_because.value
    # Whose it is hears of it; for the program's own, whoever made it.
    told = {"user_id": endpoint.user_id or endpoint.created_by, "reason": because, "url": endpoint.url}
    await append(session, Event(DISABLED, endpoint.program_id, endpoint.id, at, told))
    await audit.record(
        session, _BY_ITSELF, endpoint.program_id, "webhook_endpoint.disabled", endpoint.id,
        {"reason": because}, at,
    )  # fmt: skip
