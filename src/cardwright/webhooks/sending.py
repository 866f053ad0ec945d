"""Sending what is due: claimed in one transaction, posted outside of any, settled one by one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from cardwright.core.ids import new_id
from cardwright.db.jobs import Work, until_rung
from cardwright.webhooks import queue_store, signing, store
from cardwright.webhooks.domain import Attempt, Delivery, Endpoint
from cardwright.webhooks.message import Message, message_of
from cardwright.webhooks.ports import Answer, WebhookSender
from cardwright.webhooks.settling import record_attempt
from cardwright.webhooks.signing import SigningKey

HELD_FOR: Final = timedelta(seconds=60)
"""Longer than a send can take; who died meanwhile is waited for so long."""
SLOTS: Final = 128
_SETTLED_AT_ONCE: Final = 8
"""Of the connections to the database, which others need, too."""
_PAUSE_SECONDS: Final = 0.2
_IDLE_SECONDS: Final = 0.5
"""Whoever is not told that something came due, as it did elsewhere, looks so often."""
_BETWEEN_FILLS_SECONDS: Final = 0.05
"""What becomes free meanwhile is filled by one claim."""
_LAST_SECONDS: Final = 5.0
_AFTER_TROUBLE_SECONDS: Final = 1.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery with all that sending it takes; `message` is None when its event is kept no more."""

    delivery: Delivery
    endpoint: Endpoint
    message: Message | None
    keys: Sequence[SigningKey]


async def take(work: Work, limit: int) -> Sequence[Parcel]:
    """Claim what is due, at most `limit`, and read what sending it takes."""
    at = work.clock.now()
    async with work.transaction() as session:
        claimed = await queue_store.claim_due(session, new_id("whc"), at=at, until=at + HELD_FOR, limit=limit)
    if not claimed:
        return ()
    endpoint_ids = sorted({delivery.endpoint_id for delivery in claimed})
    async with work.transaction() as session:
        endpoints = await store.find_endpoints(session, endpoint_ids)
        keys = await store.open_keys(session, endpoint_ids, at=at)
        messages: Mapping[str, Message | None] = {
            delivery.id: await message_of(session, delivery) for delivery in claimed
        }
    return [
        Parcel(delivery, endpoints[delivery.endpoint_id], messages[delivery.id], keys[delivery.endpoint_id])
        for delivery in claimed
        # What was deleted since is nobody's.
        if delivery.endpoint_id in endpoints
    ]


async def post(work: Work, parcel: Parcel) -> Attempt:
    """Post one parcel, signed; whatever goes wrong is in the attempt."""
    at = work.clock.now()
    headers: dict[str, str] = {}
    chosen = [key for key in parcel.keys if key.signature in parcel.endpoint.signatures]
    if parcel.message is None:
        answer = Answer(0, error="event_not_kept")
    elif {key.signature for key in chosen} != set(parcel.endpoint.signatures):
        # Nothing is sent without the signatures that the receiver counts on.
        answer = Answer(0, error="key_unreadable")
    else:
        chosen.sort(key=lambda key: key.signature)
        headers = {
            "content-type": "application/json",
            **signing.headers_of(parcel.message.id, parcel.message.body, chosen, at=at),
        }
        answer = await work.get(WebhookSender).post(parcel.endpoint.url, headers, parcel.message.body)
    return Attempt(
        id=new_id("wha"), number=parcel.delivery.attempts, attempted_at=at, duration_ms=answer.duration_ms,
        url=parcel.endpoint.url, request_headers=headers, status=answer.status,
        answer_headers=answer.headers, answer_body=answer.body, is_answer_cut=answer.is_cut,
        error=answer.error, retry_after=answer.retry_after,
    )  # fmt: skip


async def deliver_due(work: Work, limit: int = SLOTS) -> int:
    """Send what is due once, at most `limit`, all at the same time; return how many."""
    parcels = await take(work, limit)
    attempts = await asyncio.gather(*(post(work, parcel) for parcel in parcels))
    for parcel, attempt in zip(parcels, attempts, strict=True):
        await record_attempt(work, parcel.delivery, parcel.endpoint, attempt)
    return len(parcels)


@dataclass(slots=True)
class _Line:
    """What is under way; ends with the task that runs it."""

    work: Work
    under_way: set[asyncio.Task[None]] = field(default_factory=set)
    settling: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_SETTLED_AT_ONCE))

    async def fill(self) -> int:
        parcels = await take(self.work, SLOTS - len(self.under_way))
        for parcel in parcels:
            task = asyncio.create_task(self._send(parcel), name=parcel.delivery.id)
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)
        return len(parcels)

    async def _send(self, parcel: Parcel) -> None:
        try:
            attempt = await post(self.work, parcel)
            async with self.settling:
                await record_attempt(self.work, parcel.delivery, parcel.endpoint, attempt)
        except Exception as error:  # noqa: BLE001 - it is sent again once nobody holds it any more
            _log.warning("webhook_not_settled", delivery_id=parcel.delivery.id, error=type(error).__name__)

    async def end(self) -> None:
        """Let what is under way come to its end; what takes longer is sent again later."""
        if self.under_way:
            _, late = await asyncio.wait(self.under_way, timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()


async def deliver_forever(work: Work, bell: asyncio.Event) -> None:
    """Send what is due, as it comes due, until cancelled; several workers share what there is.

    The bell tells that something may have come due in this process.
    """
    line = _Line(work)
    try:
        while True:
            try:
                filled = await line.fill() if len(line.under_way) < SLOTS else 0
            except Exception as error:  # noqa: BLE001 - the database may be away; this must outlive it
                _log.warning("webhooks_not_taken", error=type(error).__name__)
                filled = 0
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            if filled:
                await asyncio.sleep(_BETWEEN_FILLS_SECONDS)
            else:
                await until_rung(bell, _PAUSE_SECONDS if line.under_way else _IDLE_SECONDS)
    finally:
        await line.end()
