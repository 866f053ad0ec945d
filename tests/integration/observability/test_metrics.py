"""Payments become figures, under few labels, and nobody's name, address, card or id is among them."""

import json
import re

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.measures import metrics
from cardwright.observability import measure_books
from integration.observability.conftest import APPROVED, DECLINED, SECRETIVE, Watched
from integration.payments import holders

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


async def test_the_public_address_shows_no_metrics(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


async def test_drift_is_shown_as_the_number_of_figures_that_are_wrong(engine: AsyncEngine) -> None:
    await holders.a_holding(engine, SystemClock(), balance=50_00)
    async with transaction(engine) as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("UPDATE ledger_accounts SET posted_balance = 1 WHERE code = 'wallet'"))
    await measure_books(Work(engine, SystemClock(), {}))
    assert metrics.LEDGER_DRIFT._value.get() == 1
