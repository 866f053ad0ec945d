"""One open stream, as server-sent events: what came into an inbox, in order, each once; and hints.

An event of the inbox carries its position as the event's id, which a browser sends back when it connects
anew: so nothing is missed and nothing told twice, whichever process it finds. Hints carry no id: after
connecting anew a client reads what it shows anew in any case.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cardwright.access import Steps
from cardwright.core.errors import CardwrightError
from cardwright.notifications import inbox_queries
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import Notification
from cardwright.notifications.live_hub import LiveHub, Subscriber
from cardwright.notifications.live_signals import Hint
from cardwright.notifications.notices import notice_of

_AT_ONCE: Final = 50
_FIRST_RETRY_MS: Final = (1_000, 3_000)
_LATER_RETRY_MS: Final = (2_000, 8_000)
_HEADERS: Final = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no"))
_HEARTBEAT: Final = b":\n\n"


class LiveStream(Response):
    """The answer of a stream; it holds no connection to the database while nothing happens.

    `after` is the position that the client has seen, None for one that begins now.
    """

    media_type = "text/event-stream"

    def __init__(
        self, hub: LiveHub, subscriber: Subscriber, steps: Steps, *, after: int | None, lasts_seconds: float
    ) -> None:
        super().__init__()
        self._hub = hub
        self._subscriber = subscriber
        self._steps = steps
        self._after = after
        self._lasts_seconds = lasts_seconds
        self._unread: int | None = None
        self._is_gone = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell until the client leaves, the session ends, the process goes down, or the time is over."""
        # A tab that is left open is no use of the session: it does not keep the session alive.
        scope.get("state", {}).pop("sighting", None)
        watching = asyncio.create_task(self._watch(receive))
        try:
            await self._send(send, {"type": "http.response.start", "status": 200, "headers": [*_HEADERS]})
            await self._tell(scope, send)
        except TimeoutError:
            # The client does not read: it is let go, and connects anew from where it was.
            return
        finally:
            watching.cancel()
            self._hub.close(self._subscriber)
        if not self._is_gone:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        self._subscriber.wake.set()

    async def _tell(self, scope: Scope, send: Send) -> None:
        now, rules = asyncio.get_running_loop().time, self._hub.rules
        over_at = now() + self._lasts_seconds
        checked_at = heard_at = now()
        await self._write(send, _retry(_FIRST_RETRY_MS))
        self._subscriber.wake.set()
        while not self._is_gone:
            if self._subscriber.wake.is_set():
                await self._write(send, await self._news())
                heard_at = now()
            if self._hub.is_ending or now() >= over_at:
                await self._write(send, _retry(_LATER_RETRY_MS) + _event("bye", {}))
                return
            if now() - checked_at >= rules.check_every.total_seconds():
                checked_at = now()
                refused = await self._refusal(scope)
                if refused is not None:
                    await self._write(send, _event("end", {"code": refused}))
                    return
            if now() - heard_at >= rules.heartbeat.total_seconds():
                heard_at = now()
                await self._write(send, _HEARTBEAT)
            next_at = min(
                heard_at + rules.heartbeat.total_seconds(),
                checked_at + rules.check_every.total_seconds(),
                over_at,
            )
            await _wait(self._subscriber.wake, next_at - now())

    async def _news(self) -> bytes:
        """Return what is new since the last look; more than fits is told by the next."""
        hints = self._subscriber.take_hints()
        user_id, is_first = self._subscriber.user_id, self._unread is None
        async with self._hub.reading, self._steps.transaction() as session:
            last = await inbox_queries.last_position(session, user_id)
            # An id that never was, of another deployment perhaps, must not silence what comes.
            after = last if self._after is None else min(self._after, last)
            found = await inbox_queries.list_after(session, user_id, after, limit=_AT_ONCE)
            unread = await inbox_queries.count_unread(session, user_id)
            speech = await speech_for(session, user_id) if found else None
        told = [] if speech is None else [_notification(it, notice_of(it, speech)) for it in found]
        self._after = (found[-1].inbox_position if found else None) or after
        if len(found) == _AT_ONCE:
            self._subscriber.wake.set()
        if unread != self._unread:
            self._unread = unread
            told.append(_event("unread", {"unread": unread}, id_=self._after if is_first else None))
        return b"".join((*told, *map(_hinted, hints)))

    async def _refusal(self, scope: Scope) -> str | None:
        try:
            async with self._hub.reading:
                await self._steps.ensure_still()
        except CardwrightError as error:
            return error.code
        finally:
            scope.get("state", {}).pop("sighting", None)
        return None

    async def _write(self, send: Send, text: bytes) -> None:
        if text:
            await self._send(send, {"type": "http.response.body", "body": text, "more_body": True})

    async def _send(self, send: Send, message: Mapping[str, Any]) -> None:
        # The server takes what fits into its buffers; then sending waits until the client has read.
        async with asyncio.timeout(self._hub.rules.send_within.total_seconds()):
            await send({**message})


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await wake.wait()
    except TimeoutError:
        pass


def _notification(notification: Notification, notice: Mapping[str, Any]) -> bytes:
    return _event("notification", notice, id_=notification.inbox_position)


def _hinted(hint: Hint) -> bytes:
    return _event(hint.kind, {"id": hint.id} if hint.id else {})


def _event(name: str, data: Mapping[str, Any], id_: int | None = None) -> bytes:
    # JSON has its line breaks escaped: what merchants are called cannot begin another line.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    lines = [] if id_ is None else [f"id: {id_}"]
    return ("\n".join([*lines, f"event: {name}", f"data: {text}"]) + "\n\n").encode()


def _retry(milliseconds: tuple[int, int]) -> bytes:
    # Not all at once: after a restart everybody comes back.
    return f"retry: {random.randint(*milliseconds)}\n\n".encode()  # noqa: S311 - no secret
