"""The commands that say why it was so decided, and what would be decided."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import MovableClock, SystemClock
from cardwright.db.session import transaction
from cardwright.payments import AuthorizationRequest, authorize
from cardwright.payments.store import Decision
from integration.commands.conftest import Run
from integration.payments.holders import Holding, a_holding
from integration.payments.network import BAKERY, SOURCE

SHOP = ("--merchant", "Bakery", "--mcc", "5462", "--country", "US")


@pytest.fixture
async def holding(engine: AsyncEngine, clock: MovableClock) -> Holding:
    return await a_holding(engine, clock, balance=50_00)


async def paid(engine: AsyncEngine, holding: Holding, amount: int, card: str | None = None) -> Decision:
    request = AuthorizationRequest(
        SOURCE, f"iauth_{amount}", 0, card or holding.references[0], amount, "USD", amount, "USD", BAKERY,
        "ecommerce",
    )  # fmt: skip
    async with transaction(engine) as session:
        return await authorize(session, request, program_id=holding.program_id, at=SystemClock().now())


async def ask(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    async with transaction(engine) as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def in_json(run: Run, *command: str, exit_code: int = 0) -> Any:
    return json.loads(await run(*command, "--json", exit_code=exit_code))


async def test_a_payment_and_its_decision_are_explained_check_by_check(
    engine: AsyncEngine, holding: Holding, run: Run
) -> None:
    declined = await paid(engine, holding, 60_00)
    [(payment_id,)] = await ask(engine, "SELECT id FROM payments")
    for subject in (payment_id, declined.id):
        said = await run("explain", subject)
        for expected in (payment_id, declined.id, "Bakery, declined", "by cardwright", "funds_insufficient"):
            assert expected in said, said
    assert await ask(
        engine, "SELECT DISTINCT actor_id, subject_id FROM audit_entries WHERE action = 'payment.read'"
    ) == [("operator", payment_id)]


async def test_the_json_of_an_explanation_is_what_staff_read_over_the_api(
    engine: AsyncEngine, holding: Holding, run: Run
) -> None:
    approved = await paid(engine, holding, 20_00)
    told = await in_json(run, "explain", approved.id)
    [shown] = told["decisions"]
    assert (shown["outcome"], shown["reason_code"]) == ("approved", None)
    assert shown["facts"]["amount"] == 20_00
    assert told["payment_id"].startswith("pay_")


async def test_a_decision_about_an_unknown_card_stands_without_a_payment(
    engine: AsyncEngine, holding: Holding, run: Run
) -> None:
    refused = await paid(engine, holding, 5_00, card="ic_of_nobody")
    told = await in_json(run, "explain", refused.id)
    assert (told["payment_id"], told["decisions"][0]["outcome"]) == (None, "declined")


async def test_what_is_not_there_is_not_explained(run: Run) -> None:
    assert "no payment and no decision" in await run("explain", "pay_nothing", exit_code=1)
    said = await run("preflight", "card_nothing", "100", *SHOP, exit_code=1)
    assert "There is no such card" in said


async def test_a_preflight_answers_as_the_purchase_will_be_and_leaves_nothing(
    engine: AsyncEngine, holding: Holding, run: Run
) -> None:
    card_id = holding.cards[0].id
    for amount, exit_code, outcome in ((20_00, 0, "approved"), (60_00, 3, "declined")):
        assert outcome in await run("preflight", card_id, str(amount), *SHOP, exit_code=exit_code)
        told = await in_json(run, "preflight", card_id, str(amount), *SHOP, exit_code=exit_code)
        assert told["outcome"] == outcome
        assert await ask(engine, f"SELECT id FROM decisions WHERE amount = {amount}") == []  # noqa: S608
        real = await paid(engine, holding, amount)
        compared = ("name", "passed", "explanation", "would_pass")
        answers = [[it[name] for name in compared] for it in told["checks"]]
        assert answers == [[it[name] for name in compared] for it in real.verdict["checks"]]
    assert await ask(engine, "SELECT count(*) FROM audit_entries WHERE action = 'card.read'") == [(4,)]


@pytest.mark.parametrize(
    "wrong", [("--mcc", "54"), ("--country", "usa"), ("--channel", "smoke"), ("--currency", "XXQ")]
)
async def test_a_purchase_that_nobody_could_make_is_not_tried(
    holding: Holding, run: Run, wrong: tuple[str, str]
) -> None:
    exit_code = 1 if wrong[0] == "--currency" else 2
    said = await run("preflight", holding.cards[0].id, "100", *SHOP, *wrong, exit_code=exit_code)
    assert "Usage" in said or "Not tried" in said
