"""From the merchant's question to the answer it hears: application, worker and server, on sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import provided_for_tests
from cardwright import challenges
from cardwright.adapters import acs
from cardwright.adapters.acs import AcsChallengeServer, AcsWebhook
from cardwright.challenges import ChallengeServer
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import jobs
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import build_app
from cardwright.programs import Program
from integration.payments import holders
from integration.payments.holders import Holding
from integration.worker.bench import Bench, eventually
from running_simulator import QUICK, RunningSimulator, running_simulator
from serving import serving

ANSWERS = "*/answer"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@dataclass
class Shop:
    """A merchant's side, the holder's browser, and the worker between them."""

    bench: Bench
    simulator: RunningSimulator
    outside: httpx.AsyncClient
    browser: httpx.AsyncClient
    holding: Holding

    async def ask(self, seconds: int = 300) -> str:
        purchase = {
            "card": self.holding.references[0],
            "merchant": {"id": "m_1", "name": "Corner Bakery", "category_code": "5462", "country": "US"},
            "amount": 4_900,
            "currency": "USD",
            "expires_in_seconds": seconds,
        }
        asked = await self.outside.post("/acs/v1/challenges", json=purchase)
        assert asked.status_code == 201, asked.text
        return str(asked.json()["id"])

    async def heard(self, reference: str) -> str:
        """Return what the merchant's side knows."""
        found = await self.outside.get(f"/acs/v1/challenges/{reference}")
        return str(found.json()["status"])

    async def inbox(self) -> list[dict[str, Any]]:
        found = await self.browser.get("/v1/challenges")
        data: list[dict[str, Any]] = found.json()["data"]
        return data

    async def decide(self, verb: str, challenge_id: str) -> httpx.Response:
        body = {} if verb == "refuse" else None
        headers = {"Idempotency-Key": new_id("key")}
        return await self.browser.post(f"/v1/challenges/{challenge_id}/{verb}", json=body, headers=headers)

    async def arrived(self) -> dict[str, Any]:
        await eventually(self.inbox)
        return (await self.inbox())[0]

    async def becomes(self, **wanted: str) -> None:
        async def has_become() -> bool:
            shown = [{name: it[name] for name in wanted} for it in await self.inbox()]
            return shown == [wanted]

        await eventually(has_become)

    def running(self) -> Any:
        return self.bench.running(*challenges.SUBSCRIPTIONS, *acs.SUBSCRIPTIONS)


@pytest.fixture
async def shop(
    engine: AsyncEngine, database_url: str, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    monkeypatch.setattr(jobs, "FIRST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(jobs, "LONGEST_PAUSE_SECONDS", 0.2)
    clock = SystemClock()
    holding = await holders.a_holding(engine, clock)
    headers = await sign_in(engine, clock, holding.user_id, has_used_factor=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        api = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(
            base_url=simulator.base_url, headers={"Authorization": f"Bearer {QUICK.acs_api_key}"}
        ) as outside:
            endpoint = (await outside.post("/_sim/acs/endpoint", json={"url": f"{api}/webhooks/acs"})).json()
            provided = await provided_for_tests(engine, clock)
            hook = AcsWebhook(Sensitive(endpoint["secret"]), program_id=provided[Program].id, clock=clock)
            app = build_app(engine, {**provided, WebhookSources: WebhookSources(api, {acs.SOURCE: hook})})
            server = AcsChallengeServer(simulator.base_url, Sensitive(QUICK.acs_api_key))
            bench = Bench(engine, database_url, {ChallengeServer: server})
            async with serving(app, listener), httpx.AsyncClient(base_url=api, headers=headers) as browser:
                yield Shop(bench, simulator, outside, browser, holding)
            await server.aclose()


@pytest.mark.parametrize(("verb", "status"), [("approve", "approved"), ("refuse", "refused")])
async def test_what_somebody_decides_is_what_the_merchant_hears(shop: Shop, verb: str, status: str) -> None:
    async with shop.running():
        reference = await shop.ask()
        challenge = await shop.arrived()
        assert (await shop.decide(verb, challenge["id"])).status_code == 200
        await shop.becomes(state=status, answer="delivered")
        assert await shop.heard(reference) == status
        await eventually(shop.bench.is_idle)


async def test_webhooks_that_come_twice_late_and_out_of_order_end_in_what_the_server_says(shop: Shop) -> None:
    for kind in ("duplicate", "reorder"):
        shop.simulator.world.faults.add("webhook", kind, selector="challenge.created")  # type: ignore[arg-type]
    async with shop.running():
        reference = await shop.ask()
        await shop.outside.post(f"/acs/v1/challenges/{reference}/cancel")
        await shop.becomes(state="canceled", answer="none")
        await asyncio.to_thread(_settle, shop.simulator)
        await asyncio.sleep(0.3)
        await shop.becomes(state="canceled", answer="none")
        await eventually(shop.bench.is_idle)


async def test_an_answer_waits_for_the_server_to_come_back_and_is_taken_once(shop: Shop) -> None:
    world = shop.simulator.world
    async with shop.running():
        reference = await shop.ask()
        challenge = await shop.arrived()
        outage = world.faults.add("api", "error", selector=ANSWERS, count=None)
        assert (await shop.decide("approve", challenge["id"])).status_code == 200

        async def has_tried() -> bool:
            return max((attempts for _, attempts in await shop.bench.jobs()), default=0) > 1

        await eventually(has_tried)
        await shop.becomes(state="approved", answer="waiting")
        assert await shop.heard(reference) == "pending"
        world.faults.add("api", "drop_response", selector=ANSWERS)
        world.faults.remove(outage.id)
        await shop.becomes(state="approved", answer="delivered")
        await eventually(shop.bench.is_idle)
    assert (await shop.heard(reference), world.acs.answers()) == ("approved", 1)


async def test_an_approval_that_the_outage_outlasted_is_shown_as_expired(shop: Shop) -> None:
    world = shop.simulator.world
    async with shop.running():
        reference = await shop.ask()
        challenge = await shop.arrived()
        outage = world.faults.add("api", "error", selector=ANSWERS, count=None)
        # The news of the end is lost, too: only the late answer finds out.
        world.faults.add("webhook", "drop", selector="challenge.timed_out")
        assert (await shop.decide("approve", challenge["id"])).status_code == 200
        await shop.outside.post("/_sim/clock/advance", json={"seconds": 300})
        world.faults.remove(outage.id)
        await shop.becomes(state="expired", answer="too_late", decision="approved")
    assert await shop.heard(reference) == "timed_out"


def _settle(simulator: RunningSimulator) -> None:
    asyncio.run(simulator.world.dispatcher.settle(10))
