"""Faults one can order: of the webhooks that go out, and of the API calls and letters that come in."""

import asyncio
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.objects import JsonObject, ObjectStore

KIND = "fault"
Target = Literal["webhook", "api", "mail"]
FaultKind = Literal["delay", "drop", "duplicate", "reorder", "error", "drop_response", "garbage"]
KINDS: dict[str, frozenset[str]] = {
    "webhook": frozenset({"delay", "drop", "duplicate", "reorder"}),
    "api": frozenset({"delay", "drop", "drop_response", "error", "garbage"}),
    "mail": frozenset({"delay", "drop", "drop_response", "error", "garbage"}),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble for what a glob selects.

    That is an event type, "METHOD /path" or "/path" of a call, or the address that a letter is for. `status`
    is what an error answers with, to a letter as SMTP's reply code.
    """

    id: str
    target: Target
    kind: FaultKind
    selector: str = "*"
    remaining: int | None = 1
    delay_milliseconds: int = 0
    status: int = 503

    def is_for(self, target: Target, subjects: tuple[str, ...]) -> bool:
        """Say whether this fault concerns any of the names a message or call goes by."""
        return self.target == target and any(fnmatchcase(subject, self.selector) for subject in subjects)


class Faults:
    """The faults in force, in the order they were set; each is used up after its count (None: never)."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def add(
        self,
        target: Target,
        kind: FaultKind,
        *,
        selector: str = "*",
        count: int | None = 1,
        delay_milliseconds: int = 0,
        status: int = 503,
    ) -> Fault:
        """Set a fault for the next `count` matching messages; ValueError names what makes no sense."""
        _ensure_sensible(target, kind, count, delay_milliseconds, status)
        fault = Fault(
            self._objects.new_id("fault"), target, kind, selector, count, delay_milliseconds, status
        )
        self._objects.put(KIND, asdict(fault))
        return fault

    def list(self) -> list[Fault]:
        """Return the faults in force, oldest first."""
        return [_fault_from(kept) for kept in reversed(self._objects.list(KIND))]

    def remove(self, fault_id: str) -> bool:
        """Lift one fault; False when it was not in force."""
        was_in_force = self._objects.get(KIND, fault_id) is not None
        self._objects.delete(KIND, fault_id)
        return was_in_force

    def clear(self) -> None:
        """Lift every fault."""
        for fault in self.list():
            self._objects.delete(KIND, fault.id)

    def take(self, target: Target, *subjects: str) -> dict[FaultKind, Fault]:
        """Use up and return the faults that strike now, one of each kind at most."""
        struck: dict[FaultKind, Fault] = {}
        for fault in self.list():
            if fault.kind not in struck and fault.is_for(target, subjects):
                struck[fault.kind] = fault
                self._use_up(fault)
        return struck

    def _use_up(self, fault: Fault) -> None:
        if fault.remaining is None:
            return
        if fault.remaining == 1:
            self._objects.delete(KIND, fault.id)
        else:
            self._objects.put(KIND, asdict(fault) | {"remaining": fault.remaining - 1})


class BrokenResponse(Response):
    """An answer that promises a body and ends without it, so that the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """Send a head without its body."""
        head: list[tuple[bytes, bytes]] = [(b"content-length", b"1"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def garbage() -> Response:
    """Return what no client can read, with a status that says all is well: the call took effect."""
    return Response("<html><body>Bad gateway", 200, media_type="text/html")


async def wait_out(struck: dict[FaultKind, Fault]) -> None:
    """Sleep for as long as the delay among the faults says."""
    if delay := struck.get("delay"):
        await asyncio.sleep(delay.delay_milliseconds / 1000)


def _ensure_sensible(target: str, kind: str, count: int | None, delay_milliseconds: int, status: int) -> None:
    if target not in get_args(Target):
        raise ValueError(f"target must be one of {', '.join(get_args(Target))}")
    if kind not in KINDS[target]:
        raise ValueError(f"kind for {target} must be one of {', '.join(sorted(KINDS[target]))}")
    if count is not None and count < 1:
        raise ValueError("count must be at least 1, or null for always")
    if kind == "delay" and delay_milliseconds < 1:
        raise ValueError("a delay needs delay_milliseconds of at least 1")
    if not 400 <= status <= 599:  # noqa: PLR2004 - the range of HTTP errors
        raise ValueError("status must be between 400 and 599")


def _fault_from(kept: JsonObject) -> Fault:
    fields: dict[str, Any] = kept
    return Fault(**fields)
