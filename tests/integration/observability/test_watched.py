"""What an API and a worker show while payments are made: figures, lines of the log, traces, and no names.

In one file, so that one worker of the test run starts the two processes.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from cardwright.observability.tracing import ALLOWED
from integration.observability.conftest import APPROVED, DECLINED, SECRETIVE, Collector, Watched
from integration.observability.rule_files import asked_of, expressions, grouped_by, rules
from integration.payments.wire import PATH
from integration.worker.bench import eventually

PAYMENT = f"POST {PATH}"
Spans = Mapping[str, Sequence[Span]]
OF_PROMETHEUS = {"up"}
MOST_SERIES = 2_000
"""Of both processes, histograms' buckets and all."""


def test_each_answer_to_a_network_is_counted_by_its_outcome(watched: Watched) -> None:
    name = "cardwright_authorizations_total"
    assert watched.value(name, outcome="approved") == APPROVED
    assert watched.value(name, outcome="declined") == DECLINED
    assert watched.value(name, outcome="refused") == 1
    # Those that have not happened are there as well, for rates to begin at zero.
    assert 'cardwright_authorizations_total{outcome="stood_in_declined"} 0.0' in watched.api
    assert watched.value("cardwright_authorization_seconds_count") == APPROVED + DECLINED + 1


def test_each_stage_of_each_decision_is_timed(watched: Watched) -> None:
    for stage in ("lock", "load", "decide"):
        assert watched.value("cardwright_decision_stage_seconds_count", stage=stage) == APPROVED + DECLINED
    assert 0 < watched.value("cardwright_decision_stage_seconds_sum") < 60


def test_holds_work_and_books_are_shown_as_the_database_has_them(watched: Watched) -> None:
    assert watched.value("cardwright_database_up") == 1
    assert watched.value("cardwright_holds_open", currency="USD") == APPROVED
    assert watched.value("cardwright_holds_minor_units", currency="USD") == APPROVED * 10_00
    assert watched.value("cardwright_ledger_drift") == 0
    assert watched.value("cardwright_events_relayed_total") > 0
    assert watched.value("cardwright_periodic_runs_total", task="measure_books", outcome="ok") >= 1
    assert watched.value("cardwright_queue_jobs", state="held") == 0
    breakers = watched.families()["cardwright_provider_breaker_state"].samples
    assert {it.labels["provider"] for it in breakers} == {"twilio", "smtp", "fcm"}


def test_no_label_names_anybody_and_what_strangers_make_up_makes_none(watched: Watched) -> None:
    assert SECRETIVE.partition("@")[0] not in watched.api + watched.worker
    assert not re.search(r'"[a-z]{2,6}_[0-9a-z]{26}', watched.api + watched.worker)
    assert watched.holding.cards[0].last4 not in watched.api
    assert watched.value("cardwright_http_requests_total", route="none", status="404") == 1
    assert watched.value("cardwright_http_requests_total", route="/v1/cards/{card_id}", status="401") == 1
    assert watched.value("cardwright_http_requests_total", method="other", status="405") == 1
    assert sum(len(family.samples) for family in watched.families().values()) < MOST_SERIES


def test_an_authorization_can_be_found_in_the_log_by_its_decision(watched: Watched) -> None:
    lines = [json.loads(it) for it in watched.api_log.read_text().splitlines() if it.startswith("{")]
    told = [it for it in lines if it["event"] == "authorization"]
    assert {it["decision_id"] for it in told} - {None} == watched.decision_ids
    assert len({it["request_id"] for it in told}) == len(told) == APPROVED + DECLINED + 1
    [refusal] = [it for it in lines if it["event"] == "authorization_refused"]
    assert refusal["request_id"] in {it["request_id"] for it in told if it["outcome"] == "refused"}


def shown(watched: Watched) -> Mapping[str, set[str]]:
    """Every name that can be asked for, with its labels; a metric that has counted nothing yet, too."""
    found: dict[str, set[str]] = {}
    for family in watched.families().values():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    for text in (watched.api, watched.worker):
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
            suffixes = ("_bucket", "_count", "_sum") if kind == "histogram" else ("",)
            for suffix in suffixes:
                found.setdefault(name + suffix, set())
    return found


def test_every_expression_asks_for_what_the_running_product_shows(watched: Watched) -> None:
    known = shown(watched)
    recorded = {rule["record"] for rule in rules("objectives.yaml")}
    for where, text in expressions():
        labels: set[str] = set()
        for name, asked in asked_of(text):
            assert name in known or name in recorded or name in OF_PROMETHEUS, f"{where}: {name}"
            # A family without a sample tells nothing of its labels.
            if known.get(name):
                assert asked <= known[name], f"{where}: {name}"
            labels |= known.get(name, set()) or grouped_by(text)
        assert grouped_by(text) <= labels, where


def test_every_metric_of_ours_is_looked_at_by_an_alert_or_a_panel(watched: Watched) -> None:
    asked = {name for _, text in expressions() for name, _ in asked_of(text)}
    stems = {re.sub("(_bucket|_count|_sum)$", "", name) for name in asked}
    ours = {
        re.sub("(_bucket|_count|_sum)$", "", name)
        for name in shown(watched)
        if name.startswith("cardwright_") and not name.endswith("_created")
    }
    assert ours - stems == set()


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
