"""The simulated Stripe as its clients meet it: real servers, a webhook receiver, all traffic recorded."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.app import create_app
from simulator.settings import SimulatorSettings
from simulator.world import World

PATIENCE_SECONDS = 10
QUICK_RETRIES_SECONDS = (0.05, 0.1, 0.2)
SETTINGS = SimulatorSettings(smtp_port=0)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer as they went over the wire."""

    method: str
    path: str
    query: str
    form: str
    status: int
    body: Any


class Traffic:
    """An ASGI application around another one that remembers every answered exchange."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.exchanges: list[Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        asked, answered, status = bytearray(), bytearray(), 0

        async def listen() -> MutableMapping[str, Any]:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def speak(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, listen, speak)
        # What was made unreadable by order is no exchange; an error here would close the connection.
        if answered and not bytes(answered).startswith(b"<"):
            body = json.loads(bytes(answered))
            query = scope["query_string"].decode()
            self.exchanges.append(
                Exchange(scope["method"], scope["path"], query, asked.decode(errors="replace"), status, body)
            )


@dataclass(slots=True)
class RealTimeAnswer:
    """How the receiver answers a request for a decision."""

    body: Any = field(default_factory=lambda: {"approved": True})
    status: int = 200
    has_version: bool = True
    delay_seconds: float = 0.0


class Receiver:
    """The business's server: takes webhooks and decides, at addresses that are new after each reset."""

    def __init__(self) -> None:
        self.epoch = 0
        self.reset()
        self.app = Starlette(
            routes=[
                Route("/events/{epoch:int}", self._take_event, methods=["POST"]),
                Route("/decide/{epoch:int}", self._decide, methods=["POST"]),
            ]
        )

    def reset(self) -> None:
        """Forget everything; what is still on its way to an old address is ignored."""
        self.epoch += 1
        self.arrivals: list[tuple[bytes, str]] = []
        self.questions: list[tuple[bytes, dict[str, str]]] = []
        self.answer = RealTimeAnswer()
        self.failures_left = 0

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.arrivals]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def _take_event(self, request: Request) -> Response:
        body = await request.body()
        if request.path_params["epoch"] != self.epoch:
            return Response(status_code=410)
        if self.failures_left:
            self.failures_left -= 1
            return Response(status_code=500)
        self.arrivals.append((body, request.headers["stripe-signature"]))
        return Response(status_code=202)

    async def _decide(self, request: Request) -> Response:
        self.questions.append((await request.body(), dict(request.headers)))
        answer = self.answer
        await asyncio.sleep(answer.delay_seconds)
        headers = {"Stripe-Version": "2026-10-28.endive"} if answer.has_version else {}
        return JSONResponse(answer.body, status_code=answer.status, headers=headers)


@dataclass(frozen=True, slots=True)
class RunningStripe:
    """Where the simulator and the receiver listen, and a look inside both."""

    base_url: str
    receiver_url: str
    world: World
    traffic: Traffic
    receiver: Receiver

    @property
    def client(self) -> stripe.StripeClient:
        return stripe_client(self.base_url)

    def subscribe(self, *patterns: str) -> str:
        """Register the receiver for some event types (none: all) and return its signing secret."""
        wanted: Any = {
            "url": f"{self.receiver_url}/events/{self.receiver.epoch}",
            "enabled_events": list(patterns or ("*",)),
        }
        endpoint = self.client.v1.webhook_endpoints.create(wanted)
        assert endpoint.secret is not None
        return endpoint.secret

    def decide_in_real_time(self, timeout_default: str = "decline") -> str:
        """Let the receiver decide on authorizations and return its signing secret."""
        answer = self.control(
            "realtime",
            {"url": f"{self.receiver_url}/decide/{self.receiver.epoch}", "timeout_default": timeout_default},
        )
        return str(answer.json()["secret"])

    def control(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.base_url}/_sim/stripe/{path}", json=body, timeout=PATIENCE_SECONDS)

    def reset(self) -> None:
        """Begin anew on both sides."""
        assert httpx.post(f"{self.base_url}/_sim/reset").is_success
        self.receiver.reset()
        self.traffic.exchanges.clear()

    def advance(self, seconds: int) -> None:
        """Move the simulator's clock."""
        answer = httpx.post(f"{self.base_url}/_sim/clock/advance", json={"seconds": seconds})
        assert answer.is_success, answer.text

    def break_next(self, target: str, kind: str, selector: str, **more: Any) -> None:
        """Order a fault for what comes next."""
        fault = {"target": target, "kind": kind, "selector": selector} | more
        answer = httpx.post(f"{self.base_url}/_sim/faults", json=fault)
        assert answer.is_success, answer.text

    def eventually(self, is_so: Callable[[], object]) -> None:
        """Wait until a condition holds, and fail if it does not in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, f"it never came about; arrived: {self.receiver.types}"
            time.sleep(0.01)


def stripe_client(
    base_url: str, key: str = SETTINGS.stripe_secret_key, **options: Any
) -> stripe.StripeClient:
    """Build the official client, pointed at the simulator and nowhere else."""
    addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), base_url)
    return stripe.StripeClient(key, base_addresses=addresses, **options)  # type: ignore[arg-type]


@contextmanager
def running_stripe(data_dir: Path | None = None) -> Iterator[RunningStripe]:
    """Run a simulator with nothing but Stripe in it, and a receiver, for as long as the context lasts."""
    receiver = Receiver()
    with socket.create_server(("127.0.0.1", 0)) as own, socket.create_server(("127.0.0.1", 0)) as other:
        settings = replace(SETTINGS, port=own.getsockname()[1])
        world = World(settings, data_dir, retry_delays_seconds=QUICK_RETRIES_SECONDS)
        traffic = Traffic(create_app(world))
        receiver_url = f"http://127.0.0.1:{other.getsockname()[1]}"
        with served(receiver.app, other), served(traffic, own):
            yield RunningStripe(settings.base_url, receiver_url, world, traffic, receiver)


@contextmanager
def served(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Serve an application on an open listener, in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
