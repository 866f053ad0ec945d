"""The risk score in a decision: read by rules, stored with what it was made of, never in the way."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import payments, rules
from cardwright.core.clock import Clock, MovableClock
from cardwright.core.errors import NotFound
from cardwright.db.session import transaction
from cardwright.payments import Supposed, preflight
from cardwright.payments.decision import Facts
from cardwright.rules import FEATURES, ModelUnusable, Rule, RuleAction, RuleStage
from cardwright.rules.scoring import LoadedModel, runtime, scorer
from cardwright.rules.scoring.model_store import risk_models
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY
from integration.rules.test_velocity_of_payments import asking, authorize, publish, statements
from risk_models import LIKELY, UNLIKELY, a_model, above, branch, leaf

RISKY: Final = "has(risk.score) && risk.score > 900"
OPERATOR: Final = "operator"


def declining(when: str = RISKY, *more: Rule) -> list[Rule]:
    return [Rule("risky", when, RuleAction.DECLINE, "Too much like a fraud."), *more]


async def activate(engine: AsyncEngine, clock: Clock, program_id: str, content: bytes) -> rules.RiskModel:
    async with transaction(engine) as session:
        kept = await rules.import_model(session, program_id, content, by=OPERATOR, at=clock.now())
        return await rules.activate_model(session, program_id, kept.version, by=OPERATOR, at=clock.now())


@pytest.fixture
async def holding(engine: AsyncEngine, clock: MovableClock) -> Holding:
    return await holders.a_holding(engine, clock, [], balance=500_00)


@pytest.fixture
def card(holding: Holding) -> str:
    return holding.references[0]


async def test_a_rule_declines_by_the_score_and_all_of_it_is_stored_with_the_decision(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    model = await activate(engine, clock, holding.program_id, above("amount", 50_00))
    small = await authorize(engine, holding, asking(card, "ref_1", 50_00), clock.now())
    large = await authorize(engine, holding, asking(card, "ref_2", 50_01), clock.now())
    assert (small.is_approved, large.is_approved) == (True, False)
    assert large.verdict["reason_code"] == "rule_declined"
    assert (small.facts.fields["risk.score"], large.facts.fields["risk.score"]) == (18, 982)
    assert large.facts.risk == rules.Risk(1, model.hash, 982, {"amount": 50_01})
    assert Facts.from_json(large.facts.to_json()) == large.facts


async def test_a_replay_is_the_same_whatever_model_scores_now(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    await activate(engine, clock, holding.program_id, above("amount", 50_00))
    await authorize(engine, holding, asking(card, "ref_1", 60_00), clock.now())
    await activate(engine, clock, holding.program_id, above("amount", 70_00))
    second = await authorize(engine, holding, asking(card, "ref_2", 60_00), clock.now())
    assert second.facts.risk is not None
    assert (second.is_approved, second.facts.risk.model_version) == (True, 2)
    async with transaction(engine) as session:
        await session.execute(text("DELETE FROM risk_models"))
    async with transaction(engine) as session:
        replayed = await payments.replay(session)
        await holders.balances(session, holding)
    assert [(it.outcome, it.is_identical) for it in replayed] == [("declined", True), ("approved", True)]


async def test_what_the_model_counts_is_read_in_the_statement_of_the_rules(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    counting = Rule("few", "velocity.card.approved_count_24h > 99", RuleAction.FLAG, "Many.")
    await publish(engine, clock, holding.program_id, declining(RISKY, counting))
    by_holder = branch(1, 1, leaf(UNLIKELY), leaf(LIKELY))
    model = a_model(["velocity.card.seconds_since_last", "velocity.holder.attempted_count_1h"], by_holder)
    await activate(engine, clock, holding.program_id, model)
    for number in range(2):
        clock.advance(timedelta(seconds=30))
        assert (await authorize(engine, holding, asking(card, f"ref_{number}"), clock.now())).is_approved
    clock.advance(timedelta(seconds=30))
    with statements(engine) as read:
        third = await authorize(engine, holding, asking(card, "ref_3"), clock.now())
    assert read == ["SELECT", "WITH", "WITH"]
    assert third.facts.risk is not None
    assert [*third.facts.risk.features.items()] == [
        ("velocity.card.seconds_since_last", 30),
        ("velocity.holder.attempted_count_1h", 2),
    ]
    assert not third.is_approved
    assert {name for name in third.facts.fields if name.startswith(("velocity", "risk"))} == {
        "velocity.card.approved_count_24h", "risk.score",
    }  # fmt: skip


async def test_every_feature_can_be_gathered(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    await activate(engine, clock, holding.program_id, a_model(FEATURES, leaf(LIKELY)))
    first = await authorize(engine, holding, asking(card, "ref_1"), clock.now())
    second = await authorize(engine, holding, asking(card, "ref_2"), clock.now())
    assert first.facts.risk is not None
    assert second.facts.risk is not None
    assert [*first.facts.risk.features] == [*FEATURES]
    missing = {name for name, value in first.facts.risk.features.items() if value is None}
    assert missing == {name for name in FEATURES if "seconds" in name or "percent" in name}
    assert {name for name, value in second.facts.risk.features.items() if value is None} == {
        "velocity.card.percent_of_mean_30d"
    }


async def test_without_a_rule_that_reads_the_score_no_model_is_looked_at(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining("amount > 9000000"))
    await activate(engine, clock, holding.program_id, above("velocity.card.attempted_count_1h", 0))
    with statements(engine) as read:
        decision = await authorize(engine, holding, asking(card, "ref_1"), clock.now())
    assert read == ["SELECT", "WITH", "WITH"]
    assert decision.facts.risk is None
    assert "risk.score" not in decision.facts.fields


async def test_without_an_active_model_the_score_is_missing(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining("!has(risk.score)"))
    program_id = holding.program_id
    async with transaction(engine) as session:
        await rules.import_model(session, program_id, above("amount", 1), by=OPERATOR, at=clock.now())
    none = await authorize(engine, holding, asking(card, "ref_1"), clock.now())
    unknown = await authorize(engine, holding, asking("ic_of_nobody", "ref_2"), clock.now())
    assert [(it.is_approved, it.facts.risk) for it in (none, unknown)] == [(False, None)] * 2
    async with transaction(engine) as session:
        await rules.activate_model(session, program_id, 1, by=OPERATOR, at=clock.now())
    assert (await authorize(engine, holding, asking(card, "ref_3"), clock.now())).is_approved
    async with transaction(engine) as session:
        gone = await rules.deactivate_model(session, program_id, by=OPERATOR, at=clock.now())
    assert gone is not None
    assert not (await authorize(engine, holding, asking(card, "ref_4"), clock.now())).is_approved


async def test_a_preflight_says_what_the_decision_will(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    await activate(engine, clock, holding.program_id, a_model(FEATURES, leaf(LIKELY)))
    async with transaction(engine) as session:
        supposed = Supposed(7_00, "USD", BAKERY, "ecommerce")
        foreseen = await preflight(session, holding.cards[0], supposed, at=clock.now())
    real = await authorize(engine, holding, asking(card, "ref_1"), clock.now())
    assert not foreseen.is_approved
    assert (foreseen.facts.risk, foreseen.verdict) == (real.facts.risk, real.verdict)


async def test_a_file_that_was_broken_after_it_was_imported_leaves_decisions_as_they_are(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    model = await activate(engine, clock, holding.program_id, above("amount", 1_11))
    async with transaction(engine) as session:
        await session.execute(update(risk_models).values(onnx=b"no model at all"))
    for reference in ("ref_1", "ref_2"):
        decision = await authorize(engine, holding, asking(card, reference), clock.now())
        assert decision.is_approved
        assert decision.facts.fields["risk.score"] is None
        assert decision.facts.risk == rules.Risk(1, model.hash, None, {}, "not_loaded")


async def test_a_model_that_could_not_be_loaded_is_tried_again_after_a_minute(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    content, now, tried = above("amount", 3_33), [1_000.0], [0]
    await activate(engine, clock, holding.program_id, content)
    load = runtime.load

    def short_of_memory(given: bytes) -> LoadedModel:
        tried[0] += 1
        if tried[0] == 1:
            raise MemoryError
        return load(given)

    monkeypatch.setattr(runtime, "load", short_of_memory)
    monkeypatch.setattr(scorer, "monotonic", lambda: now[0])
    outcomes = []
    for number, later in enumerate((0, 59, 1, 1)):
        now[0] += later
        decision = await authorize(engine, holding, asking(card, f"ref_{number}"), clock.now())
        outcomes.append((decision.is_approved, tried[0]))
    assert outcomes == [(True, 1), (True, 1), (False, 2), (False, 2)]


async def test_a_model_that_fails_on_a_row_leaves_the_decision_as_it_is(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(engine, clock, holding.program_id, declining())
    model = await activate(engine, clock, holding.program_id, above("amount", 2_22))
    assert not (await authorize(engine, holding, asking(card, "ref_1"), clock.now())).is_approved

    def out_of_order(_model: object, _features: Sequence[int | None]) -> float:
        raise RuntimeError("out of order")

    monkeypatch.setattr(LoadedModel, "probability", out_of_order)
    decision = await authorize(engine, holding, asking(card, "ref_2"), clock.now())
    assert decision.is_approved
    assert decision.facts.risk == rules.Risk(1, model.hash, None, {"amount": 7_00}, "failed")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b"no model at all", "cannot be read"),
        (above("amount", 1)[:-40], "cannot be"),
        (a_model(["velocity.card.of_tomorrow"], leaf(0.0)), "not those of this version"),
        (a_model(["merchant.name"], leaf(0.0)), "not those of this version"),
        (a_model(["amount", "amount"], leaf(0.0)), "not those of this version"),
    ],
)
async def test_what_is_no_model_for_this_version_is_not_kept(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, content: bytes, said: str
) -> None:
    async with transaction(engine) as session:
        with pytest.raises(ModelUnusable, match=said):
            await rules.import_model(session, holding.program_id, content, by=OPERATOR, at=clock.now())
        assert await rules.risk_models_of(session, holding.program_id) == []


async def test_versions_count_up_and_one_at_most_scores(
    engine: AsyncEngine, clock: MovableClock, holding: Holding
) -> None:
    program_id = holding.program_id
    first, second = above("amount", 1), above("amount", 2)
    for content in (first, second, first):
        await activate(engine, clock, program_id, content)
    async with transaction(engine) as session:
        kept = await rules.risk_models_of(session, program_id)
        assert [(it.version, it.is_active, it.features) for it in kept] == [
            (1, True, ("amount",)),
            (2, False, ("amount",)),
        ]
        assert (kept[0].metrics, kept[0].trained_on) == ({"auc": 0.5}, {"rows": 1_000})
        with pytest.raises(NotFound):
            await rules.activate_model(session, program_id, 3, by=OPERATOR, at=clock.now())
        told = await session.execute(
            text("SELECT action FROM audit_entries WHERE action LIKE 'risk_model%' ORDER BY id")
        )
        assert [*told.scalars()] == [
            "risk_model.imported", "risk_model.activated", "risk_model.imported", "risk_model.activated",
            "risk_model.activated",
        ]  # fmt: skip
    with pytest.raises(IntegrityError):
        async with transaction(engine) as session:
            await session.execute(text("UPDATE risk_models SET is_active = true"))


async def test_a_rule_that_only_watches_reads_the_score_as_well(
    engine: AsyncEngine, clock: MovableClock, holding: Holding, card: str
) -> None:
    watching = Rule("risky", RISKY, RuleAction.DECLINE, "Too much like a fraud.", RuleStage.SHADOW)
    await publish(engine, clock, holding.program_id, [watching])
    await activate(engine, clock, holding.program_id, above("amount", 1))
    decision = await authorize(engine, holding, asking(card, "ref_1"), clock.now())
    assert decision.is_approved
    assert [hit["rule"] for hit in decision.verdict["shadow"]] == ["risky"]
