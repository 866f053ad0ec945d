"""Sending what is due, for as long as the worker runs: many at the same time, stored together."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from cardwright.db.jobs import Work, until_rung
from cardwright.notifications.claiming import Attempt, take
from cardwright.notifications.dispatch import Outcome, carry_out
from cardwright.notifications.domain import Channel
from cardwright.notifications.ports import PORTS
from cardwright.notifications.routing import chain_of
from cardwright.notifications.settling import settle

SLOTS: Final = 32
"""How many messages of one channel are under way: a provider that hangs holds up no other channel's."""
_PAUSE_SECONDS: Final = 0.1
_IDLE_SECONDS: Final = 0.5
"""Whoever is not told that something came due, as it did elsewhere, looks so often."""
_BETWEEN_FILLS_SECONDS: Final = 0.02
"""What becomes free and due meanwhile is handed out together."""
_LAST_SECONDS: Final = 5.0
_AFTER_TROUBLE_SECONDS: Final = 1.0
_log = structlog.get_logger()


async def send_due(work: Work) -> int:
    """Send what is due once, all at the same time; return how many attempts that were."""
    attempts = await take(work, _rooms(work, {}))
    outcomes = await asyncio.gather(*(carry_out(work, attempt) for attempt in attempts))
    await settle(work, [outcome for outcome in outcomes if outcome is not None])
    return len(attempts)


def _rooms(work: Work, under_way: Mapping[Channel, int]) -> Mapping[Channel, int]:
    """Return how many more messages may be under way on each channel that has somebody who sends."""
    rooms = {
        channel: chain_of(work.provided[port], work.clock).room(SLOTS) - under_way.get(channel, 0)
        for channel, port in PORTS.items()
        if port in work.provided
    }
    return {channel: room for channel, room in rooms.items() if room > 0}


@dataclass(slots=True)
class _Line:
    """What is under way, and what ended and is not stored yet."""

    work: Work
    under_way: dict[asyncio.Task[None], Channel] = field(default_factory=dict)
    ended: list[Outcome] = field(default_factory=list)
    has_ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def fill(self) -> int:
        counted: dict[Channel, int] = {}
        for channel in self.under_way.values():
            counted[channel] = counted.get(channel, 0) + 1
        rooms = _rooms(self.work, counted)
        attempts = await take(self.work, rooms) if rooms else ()
        for attempt in attempts:
            task = asyncio.create_task(self._send(attempt), name=attempt.notification.id)
            self.under_way[task] = attempt.notification.channel
            task.add_done_callback(self.under_way.pop)
        return len(attempts)

    async def settle_forever(self) -> None:
        while True:
            await self.has_ended.wait()
            await self.settle()

    async def settle(self) -> None:
        self.has_ended.clear()
        outcomes, self.ended = self.ended, []
        try:
            await settle(self.work, outcomes)
        except asyncio.CancelledError:
            self.ended += outcomes
            raise
        except Exception as error:  # noqa: BLE001 - the database may be away; what ended is not forgotten
            _log.warning("messages_not_settled", number=len(outcomes), error=type(error).__name__)
            self.ended += outcomes
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            self.has_ended.set()

    async def _send(self, attempt: Attempt) -> None:
        outcome = await carry_out(self.work, attempt)
        if outcome is not None:
            self.ended.append(outcome)
            self.has_ended.set()

    async def end(self) -> None:
        """Let what is under way come to its end; what takes longer is sent or looked up later."""
        if self.under_way:
            _, late = await asyncio.wait(set(self.under_way), timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()
        if self.ended:
            await self.settle()


async def send_forever(work: Work, bell: asyncio.Event) -> None:
    """Send what is due, as it comes due, until cancelled; several workers share what there is.

    The bell tells that something may have come due in this process.
    """
    line = _Line(work)
    settling = asyncio.create_task(line.settle_forever(), name="settling")
    try:
        while True:
            try:
                filled = await line.fill()
            except Exception as error:  # noqa: BLE001 - the database may be away; this must outlive it
                _log.warning("messages_not_taken", error=type(error).__name__)
                filled = 0
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            if filled:
                await asyncio.sleep(_BETWEEN_FILLS_SECONDS)
            else:
                await until_rung(bell, _PAUSE_SECONDS if line.under_way else _IDLE_SECONDS)
    finally:
        settling.cancel()
        await asyncio.gather(settling, return_exceptions=True)
        await line.end()
