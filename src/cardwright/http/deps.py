"""Dependencies of every router: the session, the clock, what wiring provided, idempotent calls."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from cardwright.core.clock import Clock
from cardwright.core.errors import Malformed
from cardwright.db.idempotency import StoredAnswer, find_answer, store_answer
from cardwright.db.session import Begin, Session, transaction

KEY_PATTERN: Final = "^[!-~](?:[ -~]{0,253}[!-~])?$"
"""Printable ASCII, with no space at either end, as HTTP would take that away."""
T = TypeVar("T")
A = TypeVar("A", bound=BaseModel)
P = TypeVar("P")


def provided(kind: type[T]) -> Callable[[Request], T]:
    """Return a dependency that answers with what wiring put under `kind` (a class or a protocol)."""

    def find(request: Request) -> T:
        supplied: Mapping[type, Any] = request.app.state.provided
        found: T = supplied[kind]
        return found

    return find


async def _open_session(request: Request) -> AsyncIterator[Session]:
    async with transaction(request.app.state.engine) as session:
        yield session


# Function scope makes FastAPI commit before it sends the answer; the default scope commits after.
SessionDep = Annotated[Session, Depends(_open_session, scope="function")]
ClockDep = Annotated[Clock, Depends(provided(Clock))]


def _transactions(request: Request) -> Begin:
    return partial(transaction, request.app.state.engine)


# A request's own session rolls back when the answer is an error. Routes that keep something of a refusal, or
# work slowly between two transactions, open them by themselves.
TransactionsDep = Annotated[Begin, Depends(_transactions)]


@dataclass(frozen=True, slots=True)
class IdempotentCall:
    """A POST with its Idempotency-Key; `once` runs its effect at most once per caller and key."""

    session: Session
    clock: Clock
    key: str
    fingerprint: str

    async def once(
        self,
        caller_id: str,
        effect: Callable[[], Awaitable[A]],
        *,
        status: int = 201,
        kept: Callable[[A], A] | None = None,
    ) -> Response:
        """Run `effect` and keep its answer with it, or answer again what the first call was answered.

        `kept` takes out of an answer what may be told once only, such as a secret: a retry is answered
        without it, because it is not stored.
        """
        scope = {"caller_id": caller_id, "key": self.key, "fingerprint": self.fingerprint}
        stored = await find_answer(self.session, **scope)
        if stored is not None:
            return _json(stored, replayed=True)
        answer = await effect()
        stored = StoredAnswer(status, (kept(answer) if kept else answer).model_dump_json())
        await store_answer(self.session, stored, at=self.clock.now(), **scope)
        return _json(StoredAnswer(status, answer.model_dump_json()), replayed=False)


@dataclass(frozen=True, slots=True)
class CallInSteps:
    """A POST with its Idempotency-Key that has slow work to do before its effect."""

    clock: Clock
    key: str
    fingerprint: str

    async def once(
        self,
        caller_id: str,
        begin: Begin,
        prepare: Callable[[], Awaitable[P]],
        effect: Callable[[Session, P], Awaitable[A]],
        *,
        status: int = 201,
    ) -> Response:
        """Do slow work outside of any transaction, then run `effect` at most once per caller and key.

        A retry is answered as the first call was, without any work. Two calls at once may both prepare: one
        of them has the effect, and what the other prepared is left to whoever cleans up after `prepare`.
        """
        scope = {"caller_id": caller_id, "key": self.key, "fingerprint": self.fingerprint}
        async with begin() as session:
            stored = await find_answer(session, **scope)
        if stored is not None:
            return _json(stored, replayed=True)
        prepared = await prepare()
        async with begin() as session:
            stored = await find_answer(session, **scope)
            if stored is not None:
                return _json(stored, replayed=True)
            answer = StoredAnswer(status, (await effect(session, prepared)).model_dump_json())
            await store_answer(session, answer, at=self.clock.now(), **scope)
        return _json(answer, replayed=False)


def _json(answer: StoredAnswer, *, replayed: bool) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return Response(answer.body, answer.status, headers, media_type="application/json")


_KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 printable ASCII characters; a retry with the same key has no second effect.",
        examples=["3f0c8f5e-top-up-1"],
    ),
]


async def _idempotent_call(
    request: Request, session: SessionDep, clock: ClockDep, key: _KeyHeader = None
) -> IdempotentCall:
    return IdempotentCall(session, clock, *await _named(request, key))


async def _call_in_steps(request: Request, clock: ClockDep, key: _KeyHeader = None) -> CallInSteps:
    return CallInSteps(clock, *await _named(request, key))


async def _named(request: Request, key: str | None) -> tuple[str, str]:
    if key is None or not re.fullmatch(KEY_PATTERN, key):
        raise Malformed(
            "idempotency_key_missing",
            "Send an Idempotency-Key header of 1 to 255 printable ASCII characters.",
        )
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return key, sha256(asked).hexdigest()


IdempotencyDep = Annotated[IdempotentCall, Depends(_idempotent_call)]
CallInStepsDep = Annotated[CallInSteps, Depends(_call_in_steps)]
