"""Workers that are killed at random while events flow, and what must have become of every event.

Of a number of events each third goes to phones as text message and push, to mailboxes and phones, and to
mailboxes alone; push goes to a phone and a browser, and all of them to a webhook endpoint. E-mail, push and
webhooks know no idempotency key that would keep a repeat from arriving, but all carry our id, by which
mailboxes, phones, browsers and receivers show or handle a repeat once: so once is counted by that id. Text
messages carry none: one whose sending was cut off is looked up before it is sent again, so none comes twice.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.events.reading import read_events
from cardwright.events.store import Wanted
from event_traffic import Arrived, Outside, Traffic
from killable import Killable
from webhook_receivers import Received, Receiver, receiving

_SHOP: Final = re.compile(r"Shop \d{6}")
_CHANNELS: Final[Mapping[str, Sequence[str]]] = {
    "payments.authorization_approved": ("sms", "push", "browser_push", "webhook"),
    "cases.payment_reviewed": ("email", "push", "browser_push", "webhook"),
    "funding.withdrawal_succeeded": ("email", "webhook"),
}


@dataclass
class Tally:
    """What was counted on one channel."""

    expected: int = 0
    missing: int = 0
    """Nowhere to be found, though nobody was told that it failed."""
    in_doubt: int = 0
    """Told as `unknown`, and not there."""
    repeated: int = 0
    """Seen twice by whoever it is for."""
    sent_again: int = 0
    """Sent a second time, and collapsed by the id that it carries."""


@dataclass
class Outcome:
    """What became of all events."""

    events: int
    kills: int
    tallies: dict[str, Tally] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Nothing is missing, nothing is in doubt, nothing is seen twice."""
        return all(it.missing == it.in_doubt == it.repeated == 0 for it in self.tallies.values())


@dataclass
class Drill:
    """A worker on a database and the outside world that it speaks to."""

    traffic: Traffic
    outside: Outside
    worker: Killable
    chance: random.Random
    on_progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None

    async def run(self, events: int, kills: int, *, seconds: float) -> Outcome:
        """Let events flow for so long while the worker is killed, let the last one finish, and count."""
        await self.traffic.give_browsers(self.outside)
        async with receiving() as receiver:
            secret = await self.traffic.add_endpoint(receiver.at("/hook"), *_CHANNELS)
            written = await self._killed_while(events, kills, seconds)
            return await self._count(written, kills, receiver, secret)

    async def _killed_while(self, events: int, kills: int, seconds: float) -> Sequence[Event]:
        written: list[Event] = []
        await asyncio.to_thread(self.worker.start)
        flowing = asyncio.create_task(self._flow(events, seconds, written))
        for done in range(kills):
            # Killed while it starts, relays, plans, sends: whenever chance will have it.
            await asyncio.sleep(self.chance.uniform(0.4, 1.6) * seconds / max(1, kills))
            await asyncio.to_thread(self.worker.kill)
            await asyncio.to_thread(self.worker.start)
            self.on_progress("kills", done + 1, kills)
        await flowing
        await self._finished()
        await asyncio.to_thread(self.worker.stop)
        return written

    async def _flow(self, events: int, seconds: float, written: list[Event]) -> None:
        began = time.monotonic()
        for number in range(events):
            make = (self.traffic.purchase, self.traffic.judgement, self.traffic.payout)[number % 3]
            # Amounts are told by payouts alone: none is zero.
            event = make(number + 1)
            await self.traffic.commit(event)
            written.append(event)
            self.on_progress("events", number + 1, events)
            await asyncio.sleep(max(0.0, began + number * seconds / events - time.monotonic()))

    async def _finished(self) -> None:
        """Wait until nothing waits any more: neither an event, nor a job, nor a message."""
        waiting = """SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM pgqueuer)
          + (SELECT count(*) FROM notifications WHERE state IN ('queued', 'sending', 'unknown'))
          + (SELECT count(*) FROM webhook_deliveries WHERE state = 'pending')"""
        while left := (await self.traffic.ask(waiting))[0][0]:
            self.on_progress("waiting", left, left)
            await asyncio.sleep(0.2)

    async def _count(self, written: Sequence[Event], kills: int, receiver: Receiver, secret: str) -> Outcome:
        outcome = Outcome(len(written), kills)
        outcome.tallies["stream"] = await self._stream(written)
        outcome.tallies["in_app"] = await self._in_app(written)
        arrived = self.outside.arrived()
        in_doubt = await self._in_doubt()
        for channel in ("email", "sms", "push", "browser_push"):
            expected = [it for it in written if channel in _CHANNELS[it.type]]
            came = [it for it in arrived if it.channel == channel]
            outcome.tallies[channel] = await self._messages(channel, expected, came, in_doubt)
        outcome.tallies["webhook"] = _webhooks(written, receiver.received, secret)
        return outcome

    async def _stream(self, written: Sequence[Event]) -> Tally:
        seen: list[str] = []
        positions: list[int] = []
        cursor, has_more = None, True
        while has_more:
            async with transaction(self.traffic.engine) as session:
                page = await read_events(
                    session, self.traffic.program_id, Wanted(is_for_staff=True), cursor=cursor, limit=1_000
                )
            seen += [it.id for it in page.events]
            positions += [it.position for it in page.events]
            cursor, has_more = page.cursor, page.has_more
        assert positions == [*range(1, len(positions) + 1)], "the stream has a gap"
        ours = {it.id for it in written}
        return _tally([it.id for it in written], Counter(it for it in seen if it in ours))

    async def _in_app(self, written: Sequence[Event]) -> Tally:
        rows = await self.traffic.ask("SELECT event_id FROM notifications WHERE channel = 'in_app'")
        return _tally([it.id for it in written], Counter(row.event_id for row in rows))

    async def _in_doubt(self) -> set[tuple[str, str]]:
        rows = await self.traffic.ask("SELECT event_id, channel FROM notifications WHERE state = 'unknown'")
        return {(row.event_id, row.channel) for row in rows}

    async def _messages(
        self, channel: str, expected: Sequence[Event], came: Sequence[Arrived], in_doubt: set[tuple[str, str]]
    ) -> Tally:
        rows = await self.traffic.ask("SELECT id, event_id FROM notifications")
        event_of = {row.id: row.event_id for row in rows}
        by_shop = {
            str(it.payload["merchant_name"]): it.id for it in expected if "merchant_name" in it.payload
        }
        copies = Counter(
            event_of[it.notification_id] if it.notification_id else by_shop[_SHOP.findall(it.text)[0]]
            for it in came
        )
        shown = copies if channel == "sms" else Counter(dict.fromkeys(copies, 1))
        counted = _tally([it.id for it in expected], shown)
        doubtful = [it.id for it in expected if not copies[it.id] and (it.id, channel) in in_doubt]
        counted.in_doubt, counted.missing = len(doubtful), counted.missing - len(doubtful)
        counted.sent_again = copies.total() - shown.total()
        return counted


def _webhooks(written: Sequence[Event], received: Sequence[Received], secret: str) -> Tally:
    public = Webhook(secret)
    copies: Counter[str] = Counter()
    for it in received:
        id_, at = it.headers["webhook-id"], int(it.headers["webhook-timestamp"])
        signature = public.sign(id_, datetime.fromtimestamp(at, UTC), it.body.decode())
        assert signature in it.headers["webhook-signature"].split(), "a signature is wrong"
        assert it.event["id"] == id_
        copies[id_] += 1
    counted = _tally([it.id for it in written], Counter(dict.fromkeys(copies, 1)))
    counted.sent_again = copies.total() - len(copies)
    return counted


def _tally(expected: Sequence[str], seen: Counter[str]) -> Tally:
    return Tally(
        expected=len(expected),
        missing=sum(not seen[it] for it in expected),
        repeated=sum(max(0, seen[it] - 1) for it in expected),
    )
