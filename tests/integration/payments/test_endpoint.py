"""The real-time endpoint as the network meets it: refused, decided in time, or declined by default."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import stripe
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import engine_for_tests, provided_for_tests
from cardwright.cards import CardState
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.payments import StandIn
from cut_wire import a_wire
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.wire import PATH, asking, event, question, signed

DEADLINE_SECONDS = 2.0
A_MOMENT = timedelta(seconds=0.2)


@pytest.fixture
async def holding(engine: AsyncEngine, clock: MovableClock) -> Holding:
    return await holders.a_holding(engine, clock, balance=100_00)


async def decisions(engine: AsyncEngine) -> list[tuple[str, str | None, str | None]]:
    async with transaction(engine) as session:
        rows = await session.execute(
            text("SELECT outcome, reason_code, card_id FROM decisions ORDER BY decided_at, id")
        )
    return [(row.outcome, row.reason_code, row.card_id) for row in rows]


async def available_and_held(engine: AsyncEngine, holding: Holding) -> tuple[int, int]:
    async with transaction(engine) as session:
        found = await holders.wallet(session, holding)
    return found.available_balance, found.held


async def test_a_covered_request_is_approved_with_the_id_of_its_decision(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    answer = await client.post(PATH, **asking(holding.references[0], 60_00))
    assert answer.status_code == 200
    assert answer.headers["stripe-version"] == stripe.api_version
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["approved"] is True
    assert answer.json()["metadata"]["decision_id"].startswith("dec_")
    assert await available_and_held(engine, holding) == (40_00, 60_00)


async def test_the_same_request_twice_is_one_decision_and_one_hold(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    first, second = [await client.post(PATH, **asking(holding.references[0], 60_00)) for _ in range(2)]
    assert first.json() == second.json()
    assert len(await decisions(engine)) == 1
    assert await available_and_held(engine, holding) == (40_00, 60_00)


async def test_a_frozen_card_is_declined_and_leaves_no_hold(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, holding: Holding
) -> None:
    await holders.set_state(engine, clock, holding, CardState.FROZEN)
    answer = await client.post(PATH, **asking(holding.references[0], 60_00))
    assert answer.json()["approved"] is False
    assert await decisions(engine) == [("declined", "card_frozen", holding.cards[0].id)]
    assert await available_and_held(engine, holding) == (100_00, 0)


async def test_an_increment_holds_its_additional_amount_and_one_too_large_changes_nothing(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    [card] = holding.references
    said = [
        (await client.post(PATH, **asking(card, amount, earlier=earlier))).json()["approved"]
        for earlier, amount in enumerate([60_00, 30_00, 10_01, 10_00])
    ]
    assert said == [True, True, False, True]
    assert await available_and_held(engine, holding) == (0, 100_00)


async def test_a_verification_of_nothing_is_approved_without_a_hold(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    answer = await client.post(PATH, **asking(holding.references[0], 0))
    assert answer.json()["approved"] is True
    async with transaction(engine) as session:
        assert (await session.execute(text("SELECT count(*) FROM holds"))).scalar_one() == 0
        status, held = (await session.execute(text("SELECT status, held FROM payments"))).one()
    assert (status, held) == ("settled", 0)


async def test_a_card_that_is_nobodys_is_declined_and_recorded_once(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    first, second = [await client.post(PATH, **asking("ic_nobodys", 60_00)) for _ in range(2)]
    assert first.json() == second.json()
    assert first.json()["approved"] is False
    assert await decisions(engine) == [("declined", "card_unknown", None)]


async def test_copies_of_a_request_for_nobodys_card_get_one_answer(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    asked = asking("ic_nobodys", 60_00)
    answers = await asyncio.gather(*[client.post(PATH, **asked) for _ in range(20)])
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["metadata"]["decision_id"].startswith("dec_")
    assert len(await decisions(engine)) == 1


async def test_a_request_in_another_currency_is_declined(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    pending = {"amount": 1, "currency": "eur", "merchant_amount": 1, "merchant_currency": "eur"}
    answer = await client.post(PATH, **asking(holding.references[0], 1, pending_request=pending))
    assert answer.json()["approved"] is False
    assert [reason for _, reason, _ in await decisions(engine)] == ["currency_mismatch"]


async def test_other_events_are_taken_and_mean_nothing(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    body = json.dumps(event("issuing_authorization.updated", {"id": "iauth_1"}))
    answer = await client.post(PATH, **signed(body))
    assert (answer.status_code, answer.json()) == (200, {})
    assert await decisions(engine) == []


def _now() -> int:
    return int(time.time())


@pytest.mark.parametrize("age_seconds", [301, 86_400])
async def test_an_old_signature_is_refused(client: httpx.AsyncClient, age_seconds: int) -> None:
    body = json.dumps(question("ic_1", 1))
    answer = await client.post(PATH, **signed(body, timestamp=_now() - age_seconds))
    assert (answer.status_code, answer.json()) == (401, {"approved": False})


@pytest.mark.parametrize("header", [None, "", "t=1,v1=00", "nonsense", "t=x,v1=\xff"])
async def test_a_request_without_a_genuine_signature_is_refused(
    client: httpx.AsyncClient, engine: AsyncEngine, header: str | None
) -> None:
    asked = asking("ic_1", 1)
    del asked["headers"]["stripe-signature"]
    if header is not None:
        asked["headers"] = {**asked["headers"], "stripe-signature": header.encode("latin-1")}
    answer = await client.post(PATH, **asked)
    assert (answer.status_code, answer.json()) == (401, {"approved": False})
    assert await decisions(engine) == []


async def test_a_body_changed_on_its_way_is_refused(client: httpx.AsyncClient) -> None:
    asked = asking("ic_1", 1)
    asked["content"] += b" "
    assert (await client.post(PATH, **asked)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '"text"', "{}", json.dumps({"id": "evt_1", "type": "x"}),
        json.dumps(event("issuing_authorization.request", {"id": "iauth_1"})),
        json.dumps(question("ic_1", -1)),
        json.dumps(question("ic_1", 1, pending_request=None)),
        json.dumps(question("ic_1", 1, merchant_data={})),
        json.dumps(question("ic_1", 1)).replace('{"id": "ic_1"}', '"ic_1"'),
        json.dumps(question("ic_1", 1)).replace('"amount": 1,', '"amount": 1.5,'),
    ],
)  # fmt: skip
async def test_a_genuine_body_that_is_no_request_is_refused(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post(PATH, **signed(body))
    assert (answer.status_code, answer.json()) == (400, {"approved": False})


async def test_a_body_that_is_not_text_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, content=b"\xff\xfe", headers=signed("x")["headers"])
    assert answer.status_code == 400


@pytest.mark.parametrize(("size", "status"), [(262_144, 401), (262_145, 413), (2_000_000, 413)])
async def test_a_body_may_have_a_quarter_of_a_megabyte(
    client: httpx.AsyncClient, size: int, status: int
) -> None:
    assert (await client.post(PATH, content=b"x" * size)).status_code == status


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_only_posts_are_answered(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, PATH)
    assert (answer.status_code, answer.json()) == (405, {"approved": False})


async def asked_of(
    database_url: str,
    engine: AsyncEngine,
    clock: MovableClock,
    amount: int = 1,
    *,
    card: str = "ic_1",
    **stand_in: Any,
) -> tuple[Any, float]:
    """Ask an application whose database is elsewhere; return the answer and the seconds it took."""
    elsewhere = engine_for_tests(database_url)
    provided = await provided_for_tests(engine, clock)
    app = build_app(elsewhere, {**provided, StandIn: StandIn("USD", **stand_in)})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as client:
        started = time.monotonic()
        answer = await client.post(PATH, **asking(card, amount))
        took = time.monotonic() - started
    await elsewhere.dispose()
    assert answer.status_code == 200
    assert answer.headers["stripe-version"] == stripe.api_version
    return answer.json(), took


@contextmanager
def a_port(*, listens: bool) -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if listens:
            taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("listens", [False, True], ids=["closed", "silent"])
async def test_with_the_database_away_the_default_is_a_decline_within_the_deadline(
    engine: AsyncEngine, clock: MovableClock, listens: bool
) -> None:
    with a_port(listens=listens) as port:
        said, took = await asked_of(f"postgresql://nobody@127.0.0.1:{port}/none", engine, clock)
    assert said == {"approved": False}
    assert took < DEADLINE_SECONDS


@pytest.mark.parametrize(("amount", "approved"), [(0, True), (25_00, True), (25_01, False)])
async def test_with_the_database_away_a_program_may_approve_small_amounts(
    engine: AsyncEngine, clock: MovableClock, amount: int, approved: bool
) -> None:
    with a_port(listens=False) as port:
        nowhere = f"postgresql://nobody@127.0.0.1:{port}/none"
        said, _ = await asked_of(nowhere, engine, clock, amount, approve_up_to=25_00, after=A_MOMENT)
    assert said == {"approved": approved}


async def test_connections_that_broke_unnoticed_cost_no_decision(
    client: httpx.AsyncClient, engine: AsyncEngine, database_url: str, holding: Holding
) -> None:
    other = await asyncpg.connect(database_url)
    broken = await other.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'cardwright'"
    )
    await other.close()
    assert broken > 0
    answer = await client.post(PATH, **asking(holding.references[0], 60_00))
    assert answer.json()["approved"] is True
    assert await available_and_held(engine, holding) == (40_00, 60_00)
    assert len(await decisions(engine)) == 1


async def test_a_database_that_comes_back_in_time_decides(
    engine: AsyncEngine, database_url: str, clock: MovableClock, holding: Holding
) -> None:
    with a_port(listens=False) as port:
        pass
    there = make_url(database_url)
    asking_meanwhile = asyncio.create_task(
        asked_of(str(there.set(port=port)), engine, clock, 60_00, card=holding.references[0])
    )
    await asyncio.sleep(0.3)
    async with a_wire(port, to=there.port or 0):
        said, took = await asking_meanwhile
    assert said["approved"] is True
    assert took < DEADLINE_SECONDS


async def test_a_decision_that_waits_too_long_is_a_decline_and_leaves_nothing_behind(
    client: httpx.AsyncClient, engine: AsyncEngine, holding: Holding
) -> None:
    async with transaction(engine) as session:
        await holders.wallet(session, holding)
        started = time.monotonic()
        answer = await client.post(PATH, **asking(holding.references[0], 60_00))
        took = time.monotonic() - started
    assert (answer.status_code, answer.json()) == (200, {"approved": False})
    assert took < DEADLINE_SECONDS
    assert await decisions(engine) == []
    again = await client.post(PATH, **asking(holding.references[0], 60_00))
    assert again.json()["approved"] is True
    assert await available_and_held(engine, holding) == (40_00, 60_00)


@pytest.mark.parametrize("changed", ["amount", "card"])
async def test_a_reference_that_was_used_for_something_else_is_declined(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, holding: Holding, changed: str
) -> None:
    other = await holders.a_holding(engine, clock, balance=100_00, email="other@example.com")
    assert (await client.post(PATH, **asking(holding.references[0], 10_00))).json()["approved"] is True
    card, amount = (other.references[0], 10_00) if changed == "card" else (holding.references[0], 90_00)
    answer = await client.post(PATH, **asking(card, amount))
    assert answer.json() == {"approved": False}
    assert await available_and_held(engine, other) == (100_00, 0)
    assert await available_and_held(engine, holding) == (90_00, 10_00)
