"""An API and a worker as processes, with payments behind them, and what they show to Prometheus."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from builders import engine_for_tests
from cardwright.core.clock import SystemClock
from concurrency.crowd import purchases
from databases import Databases
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.wire import PATH, asking
from running_application import free_port, running_server, running_worker

BOOKS_EVERY = 1
APPROVED, DECLINED = 4, 2
SECRETIVE = "ada.lovelace@example.com"
"""Stands in addresses and headers that somebody makes up; it must not come back."""
_START_SECONDS = 100


@dataclass(frozen=True)
class Watched:
    """What both processes showed after the payments, and their logs."""

    api: str
    worker: str
    api_log: Path
    holding: Holding
    decision_ids: frozenset[str]
    collector: "Collector"

    def families(self) -> Mapping[str, Metric]:
        """Every metric of both, by its name as Prometheus knows it."""
        found: dict[str, Metric] = {}
        for text in (self.api, self.worker):
            for family in text_string_to_metric_families(text):
                known = found.setdefault(family.name, family)
                if known is not family:
                    known.samples += family.samples
        return found

    def value(self, name: str, **labels: str) -> float:
        """The sum of what both processes show under a name and labels."""
        return sum(
            sample.value
            for family in self.families().values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


class Collector:
    """Takes spans by OTLP over HTTP, on a thread of its own."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                outer.requests.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def spans(self) -> Mapping[str, Sequence[Span]]:
        """What came, by the service that it came from."""
        found: dict[str, list[Span]] = {}
        for body in list(self.requests):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                names = {it.key: it.value.string_value for it in resource.resource.attributes}
                for scope in resource.scope_spans:
                    found.setdefault(names["service.name"], []).extend(scope.spans)
        return found


@pytest.fixture(scope="package")
async def watched(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    ports = {"api": free_port(), "worker": free_port()}
    patient = {"CARDWRIGHT_PROGRAM__STAND_IN_AFTER_MS": "20000", "CARDWRIGHT_DRAIN__SECONDS": "0"}
    collector = Collector()
    patient |= {
        "CARDWRIGHT_TRACING__ENDPOINT": collector.url, "CARDWRIGHT_TRACING__SHARE": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }  # fmt: skip
    books = {"CARDWRIGHT_METRICS__BOOKS_EVERY_SECONDS": str(BOOKS_EVERY)}
    async with databases.lent() as url:
        engine = engine_for_tests(url)
        holding = await holders.a_holding(engine, SystemClock(), balance=APPROVED * 10_00)
        api = running_server(url, folder, **patient, CARDWRIGHT_METRICS__PORT=str(ports["api"]))
        worker = running_worker(
            url, folder, **patient, **books, CARDWRIGHT_METRICS__PORT=str(ports["worker"])
        )
        # The worker starts while the API does, and is waited for last.
        with worker, api as served:
            async with httpx.AsyncClient(base_url=served.address, timeout=40, trust_env=False) as client:
                decision_ids = await _pay(client, holding)
                await _make_things_up(client)
            shown = await _shown(ports["api"], "cardwright_decision_stage_seconds_count{")
            done = await _shown(ports["worker"], "cardwright_ledger_verified_timestamp_seconds 1.")
            yield Watched(shown, done, served.log, holding, decision_ids, collector)
        await engine.dispose()
    collector.close()


async def _pay(client: httpx.AsyncClient, holding: Holding) -> frozenset[str]:
    answers = [await client.post(PATH, **asked) for asked in purchases(holding, APPROVED + DECLINED, 10_00)]
    assert [it.json()["approved"] for it in answers] == [True] * APPROVED + [False] * DECLINED
    return frozenset(it.json()["metadata"]["decision_id"] for it in answers)


async def _make_things_up(client: httpx.AsyncClient) -> None:
    forged = {**asking("ic_1", 1_00), "headers": {"stripe-signature": "t=1,v1=0"}}
    assert (await client.post(PATH, **forged)).status_code == 401
    assert (await client.get(f"/v1/{SECRETIVE}/made-up")).status_code == 404
    assert (await client.get(f"/v1/cards/{SECRETIVE}")).status_code == 401
    assert (await client.request("PROPFIND", "/healthz")).status_code == 405


async def _shown(port: int, until: str) -> str:
    deadline = time.monotonic() + _START_SECONDS
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while time.monotonic() < deadline:
            try:
                shown = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            except httpx.ConnectError:
                shown = ""
            if until in shown:
                return shown
            await asyncio.sleep(0.2)
    pytest.fail(f"nothing shows {until}:\n{shown[-2_000:]}")
