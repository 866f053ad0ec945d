"""Webhooks on their way out: signed, kept until they arrive, sent again when they do not."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from simulator import trust
from simulator.clock import VirtualClock
from simulator.faults import Fault, FaultKind, Faults, wait_out
from simulator.objects import JsonObject, ObjectStore

KIND = "delivery"
RETRY_DELAYS_SECONDS = (0.2, 1.0, 3.0, 10.0, 30.0)
ANSWER_TIMEOUT_SECONDS = 10.0
REORDER_WAIT_SECONDS = 1.0
Signer = Callable[[str, str, str], dict[str, str]]
"""(url, body, secret) -> the headers that prove who sent it; called anew for each attempt."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell one endpoint: `channel` names the signer, `reference` what it is about."""

    channel: str
    endpoint: str
    url: str
    topic: str
    reference: str
    body: str
    secret: str
    content_type: str = "application/json"


class Dispatcher:
    """Delivers at least once and, per endpoint, in order, unless a fault or a retry says otherwise."""

    def __init__(
        self,
        objects: ObjectStore,
        clock: VirtualClock,
        faults: Faults,
        *,
        retry_delays_seconds: tuple[float, ...] = RETRY_DELAYS_SECONDS,
        authority: Path | None = None,
    ) -> None:
        self._objects = objects
        self._clock = clock
        self._faults = faults
        self._retry_delays_seconds = retry_delays_seconds
        self._authority = authority
        self._signers: dict[str, Signer] = {}
        self._lanes: dict[str, asyncio.Queue[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def register_signer(self, channel: str, signer: Signer) -> None:
        """Let `signer` make the headers of every message of a channel."""
        self._signers[channel] = signer

    def submit(self, message: Message) -> str:
        """Keep a message for delivery and return the delivery's id; it leaves once the dispatcher runs."""
        delivery = asdict(message) | {
            "id": self._objects.new_id("dlv"),
            "created": self._clock.timestamp(),
            "status": "pending",
            "attempts": [],
        }
        self._objects.put(KIND, delivery)
        self._queue(delivery)
        return str(delivery["id"])

    def deliveries(self, reference: str | None = None) -> list[JsonObject]:
        """Return the delivery log without secrets, newest first, of one reference or of all."""
        kept = self._objects.list(KIND, where=lambda it: reference in {None, it["reference"]})
        return [{name: value for name, value in it.items() if name != "secret"} for it in kept]

    def abandon(self, endpoint: str) -> None:
        """Give up what is still on its way to an endpoint that is gone."""
        for delivery in self._pending():
            if delivery["endpoint"] == endpoint:
                self._objects.put(KIND, delivery | {"status": "abandoned"})

    async def start(self) -> None:
        """Begin to deliver, first of all what an earlier run left undelivered."""
        trusted = trust.context(self._authority)
        self._client = httpx.AsyncClient(timeout=ANSWER_TIMEOUT_SECONDS, trust_env=False, verify=trusted)
        for delivery in self._pending():
            self._queue(delivery)

    async def stop(self) -> None:
        """Stop delivering; what has not arrived stays kept."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def settle(self, timeout_seconds: float) -> None:
        """Wait until nothing is on its way; TimeoutError after `timeout_seconds`."""
        async with asyncio.timeout(timeout_seconds):
            while self._pending():  # noqa: ASYNC110 - a delivery ends in many places
                await asyncio.sleep(0.01)

    def _pending(self) -> list[JsonObject]:
        return list(reversed(self._objects.list(KIND, where=lambda it: it["status"] == "pending")))

    def _queue(self, delivery: JsonObject) -> None:
        if self._client is None:
            return
        endpoint = delivery["endpoint"]
        if endpoint not in self._lanes:
            self._lanes[endpoint] = asyncio.Queue()
            self._spawn(self._work(self._lanes[endpoint]))
        self._lanes[endpoint].put_nowait(delivery["id"])

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: asyncio.Queue[str]) -> None:
        while True:
            await self._set_out(await lane.get(), lane)

    async def _set_out(self, delivery_id: str, lane: asyncio.Queue[str]) -> None:
        delivery = self._objects.get(KIND, delivery_id)
        if delivery is None or delivery["status"] != "pending":
            return
        struck = self._faults.take("webhook", delivery["topic"])
        if "drop" in struck:
            self._objects.put(KIND, delivery | {"status": "dropped"})
            return
        if "reorder" in struck:
            await self._let_one_overtake(lane)
        if "delay" in struck:
            self._spawn(self._deliver_later(delivery_id, struck))
            return
        await self._deliver(delivery_id, struck)

    async def _let_one_overtake(self, lane: asyncio.Queue[str]) -> None:
        """Let the next message of the lane go first, when one comes soon enough."""
        try:
            async with asyncio.timeout(REORDER_WAIT_SECONDS):
                overtaking = await lane.get()
        except TimeoutError:
            return
        await self._set_out(overtaking, lane)

    async def _deliver_later(self, delivery_id: str, struck: dict[FaultKind, Fault]) -> None:
        await wait_out(struck)
        await self._deliver(delivery_id, struck)

    async def _deliver(self, delivery_id: str, struck: dict[FaultKind, Fault]) -> None:
        for _ in range(2 if "duplicate" in struck else 1):
            await self._attempt(delivery_id)
        delivery = self._objects.get(KIND, delivery_id)
        if delivery is not None and delivery["status"] == "pending":
            self._spawn(self._retry(delivery_id, len(delivery["attempts"])))

    async def _retry(self, delivery_id: str, attempts: int) -> None:
        for delay_seconds in self._retry_delays_seconds[attempts - 1 :]:
            await asyncio.sleep(delay_seconds)
            if await self._attempt(delivery_id):
                return
        delivery = self._objects.get(KIND, delivery_id)
        if delivery is not None and delivery["status"] == "pending":
            self._objects.put(KIND, delivery | {"status": "failed"})

    async def _attempt(self, delivery_id: str) -> bool:
        """Send once and note what came of it; True when there is nothing more to do."""
        delivery = self._objects.get(KIND, delivery_id)
        if delivery is None or delivery["status"] not in {"pending", "delivered"}:
            return True
        started = time.monotonic()
        outcome = await self._send(delivery)
        milliseconds = round((time.monotonic() - started) * 1000)
        attempt = {"at": self._clock.timestamp(), "milliseconds": milliseconds} | outcome
        # Read again: the endpoint may have been deleted while it was thinking.
        delivery = self._objects.get(KIND, delivery_id)
        if delivery is None:
            return True
        delivery["attempts"].append(attempt)
        has_arrived = httpx.codes.is_success(int(outcome.get("status", 0)))
        if has_arrived and delivery["status"] == "pending":
            delivery["status"] = "delivered"
        self._objects.put(KIND, delivery)
        return has_arrived

    async def _send(self, delivery: JsonObject) -> JsonObject:
        """Post once; {"status": int} with the answer, or {"error": text} when none came."""
        if self._client is None:
            return {"error": "the dispatcher is stopped"}
        url, body, secret = delivery["url"], delivery["body"], delivery["secret"]
        headers = {"Content-Type": delivery["content_type"]} | self._signers[delivery["channel"]](
            url, body, secret
        )
        try:
            answer = await self._client.post(url, content=body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {"status": answer.status_code}
