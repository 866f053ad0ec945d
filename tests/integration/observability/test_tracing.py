"""A payment is a trace from its request to its statements, a job is one, and neither tells of anybody."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from cardwright.observability.tracing import ALLOWED
from integration.observability.conftest import APPROVED, DECLINED, SECRETIVE, Collector, Watched
from integration.payments.wire import PATH
from integration.worker.bench import eventually

PAYMENT = f"POST {PATH}"
Spans = Mapping[str, Sequence[Span]]


async def sent(watched: Watched, until: Callable[[Spans], bool]) -> Spans:
    async def so() -> bool:
        return until(watched.collector.spans())

    await eventually(so)
    return watched.collector.spans()


def told(span: Span) -> Mapping[str, str]:
    return {it.key: it.value.string_value for it in span.attributes}


async def test_each_payment_is_a_trace_with_its_decision_and_its_statements(watched: Watched) -> None:
    def are_there(spans: Spans) -> bool:
        return sum(it.name == PAYMENT for it in spans.get("cardwright-api", ())) > APPROVED + DECLINED

    spans = (await sent(watched, are_there))["cardwright-api"]
    payments = [it for it in spans if it.name == PAYMENT]
    decided = {told(it)["cardwright.decision_id"] for it in payments} - {""}
    assert decided == watched.decision_ids
    for payment in payments:
        if told(payment)["cardwright.outcome"] == "refused":
            continue
        statements = [it for it in spans if it.trace_id == payment.trace_id and it is not payment]
        assert any("decisions" in told(it).get("db.query.text", "") for it in statements)
        assert all(payment.start_time_unix_nano <= it.start_time_unix_nano for it in statements)
        assert all(it.end_time_unix_nano <= payment.end_time_unix_nano for it in statements)


async def test_a_line_of_the_log_leads_to_its_trace(watched: Watched) -> None:
    def are_there(spans: Spans) -> bool:
        return any(it.name == PAYMENT for it in spans.get("cardwright-api", ()))

    traces = {it.trace_id.hex() for it in (await sent(watched, are_there))["cardwright-api"]}
    lines = [json.loads(it) for it in watched.api_log.read_text().splitlines() if it.startswith("{")]
    assert {it["trace_id"] for it in lines if it["event"] == "authorization"} <= traces


async def test_a_job_is_a_trace_and_the_relay_s_rounds_are_none(watched: Watched) -> None:
    def are_there(spans: Spans) -> bool:
        return any(it.name.startswith("job ") for it in spans.get("cardwright-worker", ()))

    spans = (await sent(watched, are_there))["cardwright-worker"]
    jobs = [it for it in spans if it.name.startswith("job ")]
    assert all(told(it)["cardwright.subject_id"] for it in jobs)
    beginnings = [it for it in spans if not it.parent_span_id]
    assert {it.name.partition(" ")[0] for it in beginnings} == {"job"}


_CALL = """
import httpx, sys
from opentelemetry import trace
from cardwright.measures import running_job
from cardwright.observability.tracing import tracing

collector, provider = sys.argv[1:]
with tracing("caller", collector, 1.0, []):
    with running_job("cards.issue", "evt_1", "card_1"), httpx.Client() as client:
        client.post(provider + "?name=ada.lovelace", headers={"x-name": "ada.lovelace"})
    httpx.post(provider)
"""


def test_a_call_of_a_provider_is_told_by_its_host_and_the_provider_is_told_nothing() -> None:
    collector, provider = Collector(), Collector()
    command = [sys.executable, "-c", _CALL, collector.url, provider.url]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    collector.close()
    provider.close()
    # The second call belongs to no job, and begins no trace.
    call, job = sorted(collector.spans()["caller"], key=lambda it: it.name)
    assert (call.name, call.parent_span_id, job.name) == ("POST", job.span_id, "job cards.issue")
    assert told(call)["server.address"] == "127.0.0.1"
    assert b"lovelace" not in b"".join(collector.requests)
    assert [it for it in provider.headers if "traceparent" in it] == []
    assert len(provider.headers) == 2


async def test_no_span_tells_of_anybody(watched: Watched) -> None:
    assert SECRETIVE.partition("@")[0].encode() not in b"".join(watched.collector.requests)
    for spans in watched.collector.spans().values():
        for span in spans:
            assert set(told(span)) <= ALLOWED
            assert not span.events
            assert not span.status.message
            # A request is named by its pattern, a call of a provider by its method alone.
            assert span.kind == Span.SPAN_KIND_SERVER or "/" not in span.name
