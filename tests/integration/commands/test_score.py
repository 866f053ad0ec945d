"""The commands that train, keep and choose risk models, on a history that went the way of real payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import payments, rules, training
from cardwright.core.clock import MovableClock
from cardwright.db.session import Session, transaction
from cardwright.disputes.store import disputes
from cardwright.payments.store import Decision, elements
from cardwright.rules import FEATURES, Rule, RuleAction
from integration.commands.conftest import Run
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import HOTEL
from integration.rules.test_velocity_of_payments import ANALYST, asking
from optional import do_without
from risk_models import a_model, above, leaf
from staff import publish_rulebook

ROWS: Final = 240
FRAUD_ABOVE: Final = 80_00
_GAPS: Final = (7, 40, 700, 4_000, 90_000)


def amount_of(number: int) -> int:
    return 1_00 + number * 37 % 97 * 1_00


async def dispute(
    session: Session, holding: Holding, decision: Decision, at: datetime, reason: str = "fraud",
    **more: Any,
) -> None:  # fmt: skip
    """A row as filing leaves it."""
    payment_id = await session.scalar(
        select(elements.c.payment_id).where(elements.c.decision_id == decision.id)
    )
    await session.execute(
        insert(disputes).values(
            {
                "id": f"disp_{decision.id}", "program_id": holding.program_id, "user_id": holding.user_id,
                "payment_id": payment_id, "sequence": 2, "source": "stripe", "clearing_reference": "ipi_1",
                "merchant_name": "Bakery", "amount": 1_00, "currency": "USD", "reason": reason,
                "policy": "never", "statement": "", "state": "submitted", "is_settled": False,
                "created_at": at, "submit_by": at, "heard_at": at, "attempt": 1, "submitted_at": at,
                "network_status": "submitted", "advanced": 0, "recovered": 0, "entries": 0, **more,
            }
        )
    )  # fmt: skip


async def a_history(engine: AsyncEngine, clock: MovableClock, holding: Holding) -> Sequence[Decision]:
    """Payments under a model that looks at everything; large ones are disputed as frauds later."""
    decided: list[Decision] = []
    async with transaction(engine) as session:
        await publish_rulebook(
            session, clock, program_id=holding.program_id, author_id=ANALYST,
            rules=[Rule("seen", "has(risk.score) && risk.score < 0", RuleAction.FLAG, "Seen.")], note="why",
            expected_version=0,
        )  # fmt: skip
        model = a_model(FEATURES, leaf(0.0))
        await rules.import_model(session, holding.program_id, model, by="operator", at=clock.now())
        await rules.activate_model(session, holding.program_id, 1, by="operator", at=clock.now())
    for start in range(0, ROWS, 40):
        async with transaction(engine) as session:
            for number in range(start, start + 40):
                clock.advance(timedelta(seconds=_GAPS[number * 7 % 11 % len(_GAPS)]))
                card = holding.references[number % 3 % 2]
                asked = asking(card, f"ref_{number}", amount_of(number))
                if number % 4 == 0:
                    asked = type(asked)(**{**_plain(asked), "merchant": HOTEL})
                decided.append(
                    await payments.authorize(session, asked, program_id=holding.program_id, at=clock.now())
                )
    return decided


def _plain(asked: Any) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in asked.__dataclass_fields__}


async def test_a_model_is_trained_of_what_the_decisions_saw_and_scores_when_it_is_activated(
    engine: AsyncEngine, clock: MovableClock, run: Run, tmp_path: Path
) -> None:
    holding = await holders.a_holding(engine, clock, [], [], balance=11_000_00)
    decided = await a_history(engine, clock, holding)
    approved = {it.id: it for it in decided if it.is_approved}
    frauds = {it.id for it in approved.values() if it.facts.amount > FRAUD_ABOVE}
    assert 0 < len(approved) < ROWS
    async with transaction(engine) as session:
        for id_ in frauds:
            await dispute(session, holding, approved[id_], clock.now())
        small = [it for it in approved.values() if it.id not in frauds][:4]
        at = clock.now()
        await dispute(session, holding, small[0], at, submitted_at=None, state="draft")
        await dispute(session, holding, small[1], at, withdrawn_at=at, state="withdrawn")
        await dispute(session, holding, small[2], at, reason="not_received")
    async with transaction(engine) as session:
        samples = await training.samples_between(
            session, holding.program_id, since=None, until=clock.now() + timedelta(seconds=1)
        )
    # What is learned of is, to the bit, what the live path saw and stored.
    assert [it.decision_id for it in samples] == [*approved]
    for sample in samples:
        facts = approved[sample.decision_id].facts
        assert facts.risk is not None
        assert sample.features == facts.risk.features
        assert sample.occurred_at.isoformat() == facts.occurred_at
    assert {it.decision_id for it in samples if it.is_fraud} == frauds
    if find_spec("lightgbm") is None:
        do_without("the dependency group `train` is not installed")
    file, until = tmp_path / "model.onnx", (clock.now() + timedelta(seconds=1)).isoformat()
    said = await run("score", "train", "--until", until, "--out", str(file))
    assert f"rows │ {len(samples)}" in said
    assert f"frauds │ {len(frauds)}" in said
    assert "This is version 2" in await run("score", "import", str(file))
    assert "This is version 2" in await run("score", "train", "--until", until)
    assert "Version 2 scores" in await run("score", "activate", "2")
    listed = await run("score", "list")
    assert "scores │ 2" in listed
    async with transaction(engine) as session:
        scored = [
            await payments.authorize(
                session, asking(holding.references[0], f"ref_{amount}", amount),
                program_id=holding.program_id, at=clock.now(),
            )
            for amount in (10_00, 95_00)
        ]  # fmt: skip
    low, high = [it.facts.fields["risk.score"] for it in scored]
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert low < 100
    assert high > 900


async def test_too_little_history_is_refused_with_the_numbers(
    engine: AsyncEngine, clock: MovableClock, run: Run
) -> None:
    await holders.a_holding(engine, clock, [], balance=10_00)
    said = await run("score", "train", exit_code=1)
    assert "Not trained: there are 0 approved authorizations and 0 frauds among them" in said
    assert "at least 200 and 20" in said
    assert "lacks its zone" in await run("score", "train", "--until", "2026-01-01", exit_code=1)


async def test_payments_that_are_too_young_to_learn_from_are_told(
    engine: AsyncEngine, clock: MovableClock, run: Run
) -> None:
    holding = await holders.a_holding(engine, clock, [], balance=10_00)
    async with transaction(engine) as session:
        asked = asking(holding.references[0], "ref_1", 1_00)
        await payments.authorize(session, asked, program_id=holding.program_id, at=clock.now())
    said = await run("score", "train", "--until", "2020-01-01T00:00:00Z", exit_code=1)
    assert "1 approved since 2020-01-01 00:00 UTC are left out" in said
    assert "known after 30 days" in said


async def test_what_cannot_be_is_said_in_a_line(
    engine: AsyncEngine, clock: MovableClock, run: Run, tmp_path: Path
) -> None:
    broken, whole = tmp_path / "broken.onnx", tmp_path / "whole.onnx"
    broken.write_bytes(b"nothing")
    whole.write_bytes(above("amount", 1))
    assert "there is no program yet" in await run("score", "list", exit_code=1)
    await holders.a_holding(engine, clock, [], balance=10_00)
    assert "cannot be used" in await run("score", "import", str(broken), exit_code=1)
    assert "There is no risk model of version 1" in await run("score", "activate", "1", exit_code=1)
    assert "No model scored" in await run("score", "deactivate")
    assert "`cardwright score activate 1`" in await run("score", "import", str(whole))
    assert "Version 1 scores" in await run("score", "activate", "1")
    assert "it scores" in await run("score", "import", str(whole))
    assert "Version 1 scores no more" in await run("score", "deactivate")
    assert "there is no program nobody" in await run("score", "list", "--program", "nobody", exit_code=1)
