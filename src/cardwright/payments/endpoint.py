"""The real-time endpoint: a raw ASGI function in front of everything else, for the network's deadline."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from cardwright.core.clock import Clock
from cardwright.core.errors import CardwrightError, Unavailable
from cardwright.db.session import is_away, transaction
from cardwright.payments.authorization import authorize
from cardwright.payments.ports import Answer, AuthorizationRequest, AuthorizationWire, StandIn
from cardwright.payments.store import Decision
from cardwright.programs import Program

_BODY_SECONDS: Final = 2.0
_MAX_BODY_BYTES: Final = 262_144
_AWAY_SECONDS: Final = 0.05
_log = structlog.get_logger()


class AuthorizationEndpoint:
    """Answers one path; hands every other request to the application behind it.

    What a lost connection spoiled is tried again. When no decision is reached in time, the program's StandIn
    answers: the network records it, and its event brings our books to it later.
    """

    def __init__(
        self, app: ASGIApp, *, path: str, engine: Callable[[], AsyncEngine],
        provided: Callable[[], Mapping[type, Any]],
    ) -> None:  # fmt: skip
        self._app = app
        self._path = path
        # Asked for at each request: they exist only once the application has started.
        self._engine = engine
        self._provided = provided
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._overdue: set[asyncio.Task[Decision]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the path with a decision, or pass on."""
        if scope["type"] != "http" or scope["path"] != self._path:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = await self._answer(scope["method"], headers, await _read_in_time(receive))
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(name.encode(), value.encode()) for name, value in answer.headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, method: str, headers: dict[str, str], body: bytes | None) -> Answer:
        if method != "POST" or body is None:
            return _refusal(405 if body is not None else 413)
        wire: AuthorizationWire = self._provided()[AuthorizationWire]
        try:
            request = wire.read(headers, body)
        except CardwrightError as error:
            _log.warning("authorization_refused", code=error.code)
            return _refusal(401 if error.kind == "unauthenticated" else 400)
        if request is None:
            return Answer(200, {"content-type": "application/json"}, b"{}")
        return await self._decide(wire, request)

    async def _decide(self, wire: AuthorizationWire, request: AuthorizationRequest) -> Answer:
        deciding = asyncio.create_task(self._in_turn(request))
        # Waited for without being awaited: undoing a transaction on a database that hangs takes long as well,
        # and the network is answered first.
        done, _ = await asyncio.wait({deciding}, timeout=self._stand_in.after.total_seconds())
        if not done:
            self._overdue.add(deciding)
            deciding.add_done_callback(self._overdue.discard)
            deciding.cancel()
        error = deciding.exception() if done else TimeoutError()
        if error is not None:
            # A request that contradicts what we know is refused, not stood in for.
            is_ours = not isinstance(error, CardwrightError) or isinstance(error, Unavailable)
            approved = is_ours and self._stand_in.approves(request)
            _log.error(
                "authorization_stood_in", reference=request.reference, error=type(error).__name__,
                approved=approved,
            )  # fmt: skip
            return wire.answer(approved=approved, decision_id=None)
        decision = deciding.result()
        return wire.answer(
            approved=decision.is_approved, decision_id=decision.id, amount=decision.partial_amount
        )

    @property
    def _stand_in(self) -> StandIn:
        found: StandIn = self._provided()[StandIn]
        return found

    async def _in_turn(self, request: AuthorizationRequest) -> Decision:
        # Requests of one card would wait for its wallet's lock anyway; here they wait without a connection,
        # so that a busy card leaves the pool to others.
        turn = self._turns.setdefault(request.card_reference, asyncio.Lock())
        async with turn:
            while True:
                try:
                    return await self._once(request)
                except Exception as error:
                    if not is_away(error):
                        raise
                    # A server that restarts or changes places is back in a moment. Either all of the try was
                    # committed, and it is recognised, or nothing was. Whoever waits ends it at the deadline.
                    _log.warning(
                        "authorization_repeated", reference=request.reference, error=type(error).__name__
                    )
                    await asyncio.sleep(_AWAY_SECONDS)

    async def _once(self, request: AuthorizationRequest) -> Decision:
        clock: Clock = self._provided()[Clock]
        program: Program = self._provided()[Program]
        async with transaction(self._engine()) as session:
            return await authorize(session, request, program_id=program.id, at=clock.now())


async def _read_in_time(receive: Receive) -> bytes | None:
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await _read(receive)
    except TimeoutError:
        return None


async def _read(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _MAX_BODY_BYTES:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _refusal(status: int) -> Answer:
    return Answer(status, {"content-type": "application/json"}, b'{"approved":false}')
