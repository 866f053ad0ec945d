"""All open streams of one process: who waits for what, what wakes them, how many there may be."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from cardwright import events
from cardwright.core.errors import TooMany, Unavailable
from cardwright.db.session import Begin, Session
from cardwright.notifications import inbox_store
from cardwright.notifications.live_signals import Hint, Signal, Signals, hint_of

RELOAD: Final = Hint("reload", "")
"""Told when hints may have been lost: whatever is shown is to be read anew."""
_MOST_HINTS: Final = 100
_EVENTS_AT_ONCE: Final = 500
_READING_AT_ONCE: Final = 4
_RETRY_SECONDS: Final = 5
_SAFETY: Final = timedelta(seconds=30)
"""How often the inboxes are looked at while signals come: one that got lost is made good for."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LiveRules:
    """How many streams there may be and how they behave; a process that is full says so and is retried."""

    most_streams: int = 2_000
    most_per_person: int = 8
    heartbeat: timedelta = timedelta(seconds=15)
    check_every: timedelta = timedelta(seconds=20)
    poll_every: timedelta = timedelta(seconds=2)
    send_within: timedelta = timedelta(seconds=20)
    longest: timedelta = timedelta(hours=1)
    """After that a client connects anew, so that streams spread over processes again."""


@dataclass(slots=True, eq=False)
class Subscriber:
    """One open stream; `wake` is set when there is something to look at."""

    user_id: str
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    hints: dict[Hint, None] = field(default_factory=dict)

    def hear(self, hint: Hint | None) -> None:
        """Wake the stream; a client that is too slow for its hints is told to read everything anew."""
        if hint is not None:
            if len(self.hints) >= _MOST_HINTS:
                self.hints = {RELOAD: None}
            elif RELOAD not in self.hints:
                self.hints[hint] = None
        self.wake.set()

    def take_hints(self) -> tuple[Hint, ...]:
        """Return what was heard, and begin anew."""
        self.wake.clear()
        heard, self.hints = tuple(self.hints), {}
        return heard


class LiveHub:
    """Wakes streams by signals; while there are none, by one look into the database for all of them.

    It runs as long as a stream is open.
    """

    def __init__(
        self, program_id: str, begin: Begin, signals: Signals, rules: LiveRules | None = None
    ) -> None:
        self.rules = rules or LiveRules()
        self.reading = asyncio.Semaphore(_READING_AT_ONCE)
        self.is_ending = False
        self._program_id = program_id
        self._begin = begin
        self._signals = signals
        self._by_user: dict[str, set[Subscriber]] = {}
        self._count = 0
        self._marks: Mapping[str, tuple[int, int]] = {}
        self._event_position: int | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many streams are open."""
        return self._count

    def open(self, user_id: str) -> Subscriber:
        """Take up a stream; raises TooMany `streams_limit_reached` and Unavailable `streams_full`."""
        own = self._by_user.get(user_id, set())
        if len(own) >= self.rules.most_per_person:
            raise TooMany(
                "streams_limit_reached", f"At most {self.rules.most_per_person} streams of one person.",
                retry_after_seconds=_RETRY_SECONDS,
            )  # fmt: skip
        if self._count >= self.rules.most_streams or self.is_ending:
            raise Unavailable(
                "streams_full", "No more streams here now; try again.", retry_after_seconds=_RETRY_SECONDS
            )
        opened = Subscriber(user_id)
        self._by_user.setdefault(user_id, set()).add(opened)
        self._count += 1
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="live")
        return opened

    def close(self, subscriber: Subscriber) -> None:
        """Forget a stream; the last one stops the work for all."""
        own = self._by_user.get(subscriber.user_id, set())
        if subscriber not in own:
            return
        own.discard(subscriber)
        self._count -= 1
        if not own:
            del self._by_user[subscriber.user_id]
        if not self._by_user and self._running is not None:
            self._running.cancel()
            self._running, self._marks, self._event_position = None, {}, None

    def end(self) -> None:
        """Let every stream end, and open no more: the process is going down."""
        self.is_ending = True
        self._wake_all(None)

    async def aclose(self) -> None:
        """End the work for all."""
        self.end()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        polling = self._polling(self.rules.poll_every, with_hints=True)
        try:
            while True:
                is_heard = False
                async for signal in self._signals.listen(self._program_id):
                    if signal is not None:
                        self._hear(signal)
                        continue
                    # From here on nothing is missed; what came before is looked for once.
                    is_heard = True
                    polling.cancel()
                    await self._try_to_look(with_hints=True)
                    self._event_position = None
                    polling = self._polling(_SAFETY, with_hints=False)
                if is_heard:
                    polling.cancel()
                    # Whatever was on its way when the signals went away may be lost.
                    self._wake_all(RELOAD)
                    polling = self._polling(self.rules.poll_every, with_hints=True)
                await asyncio.sleep(self.rules.poll_every.total_seconds() * 2)
        finally:
            polling.cancel()

    def _polling(self, every: timedelta, *, with_hints: bool) -> asyncio.Task[None]:
        return asyncio.create_task(self._poll_forever(every, with_hints=with_hints), name="live-poll")

    async def _poll_forever(self, every: timedelta, *, with_hints: bool) -> None:
        while True:
            await self._try_to_look(with_hints=with_hints)
            await asyncio.sleep(every.total_seconds())

    async def _try_to_look(self, *, with_hints: bool) -> None:
        try:
            await self._look(with_hints=with_hints)
        except Exception as error:  # noqa: BLE001 - the database may be away for a while; streams live on
            _log.warning("live_poll_failed", error=type(error).__name__)

    async def _look(self, *, with_hints: bool) -> None:
        """Wake those whose inbox moved since the last look, and tell what changed since."""
        watched = list(self._by_user)
        async with self._begin() as session:
            marks = await inbox_store.marks_of(session, watched)
            told = await self._events_since(session) if with_hints else ()
        for user_id in watched:
            # Of whom nothing was known, something may have come between their first look and this one.
            if marks.get(user_id) != self._marks.get(user_id):
                self._hear(Signal(user_id))
        self._marks = marks
        for signal in filter(None, map(hint_of, told)):
            self._hear(signal)
        if len(told) == _EVENTS_AT_ONCE:
            self._wake_all(RELOAD)

    async def _events_since(self, session: Session) -> Sequence[events.RecordedEvent]:
        last = await events.last_position(session, self._program_id)
        after, self._event_position = self._event_position, last
        if after is None or after >= last:
            return ()
        return await events.list_events(session, self._program_id, after=after, limit=_EVENTS_AT_ONCE)

    def _hear(self, signal: Signal) -> None:
        for subscriber in self._by_user.get(signal.user_id, ()):
            subscriber.hear(signal.hint)

    def _wake_all(self, hint: Hint | None) -> None:
        for own in self._by_user.values():
            for subscriber in own:
                subscriber.hear(hint)
