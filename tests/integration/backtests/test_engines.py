"""The same history and rules: DuckDB, Spark and Python find the same, and so do decisions made again."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import backtests
from cardwright.backtests import Engine, Exported, Request, Room
from cardwright.backtests.domain import CHUNK
from cardwright.backtests.duckdb_engine import convert_labels
from cardwright.backtests.history import COLUMNS, LABEL_COLUMNS
from cardwright.backtests.planning import findings_to_json
from cardwright.backtests.spark_engine import SparkEngine
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.rules import RuleAction, RuleStage, Scoring
from integration.backtests import by_hand, past
from integration.backtests.past import Past, flagging
from integration.backtests.test_point_in_time import ALL_VELOCITY, recomputed
from spark import running_spark

BEFORE = [
    flagging("tired", "velocity.card.declined_count_24h >= 2"),
    flagging("odd_amount", "amount == 250", RuleAction.CHALLENGE),
]
TRIED = [
    flagging("large", "amount > 600"),
    flagging("often", "velocity.holder.attempted_count_24h > 1 && velocity.card.distinct_merchants_7d > 1",
             RuleAction.CHALLENGE),
    flagging("hotels", 'merchant.mcc == "7011"', RuleAction.ALLOW),
    flagging("shops", r'merchant.name.matches("(?i)\\bshop") || merchant.country == ""', RuleAction.FREEZE,
             stage=RuleStage.SAMPLED, sample_percent=50),
    flagging("quick", "has(velocity.card.seconds_since_last) && velocity.card.seconds_since_last < 70",
             RuleAction.SCORE, points=40),
    flagging("present", 'channel == "in_person"', RuleAction.SCORE, points=30),
    flagging("watched", "amount >= 100", stage=RuleStage.SHADOW),
    flagging("again", "has(velocity.card.percent_of_mean_30d) && velocity.card.percent_of_mean_30d > 90",
             RuleAction.FLAG),
]  # fmt: skip
SCORING = Scoring(challenge_at=40, decline_at=60)


@dataclass(frozen=True)
class Trial:
    """A past with labels, its files, and whose payment each decision is."""

    past: Past
    files: Exported
    payments: Mapping[str, tuple[str, str]]
    labels: Mapping[str, str]

    def judged(self, request: Request) -> dict[str, Any]:
        found = by_hand.cases(self.past.decisions, request, self.payments, self.labels)
        return by_hand.figures(found, request)


async def a_trial(engine: AsyncEngine, clock: MovableClock, folder: Path) -> Trial:
    lived = await past.lived(engine, clock, rules=[*BEFORE, *past.watching()], count=60)
    files, _ = await past.exported(engine, lived.program_id, folder)
    async with transaction(engine) as session:
        rows = await session.execute(
            text("SELECT e.decision_id, p.id, p.user_id FROM payment_elements e JOIN payments p"
                 " ON p.id = e.payment_id WHERE e.decision_id IS NOT NULL")
        )  # fmt: skip
        payments = {row[0]: (row[1], row[2]) for row in rows}
    approved = sorted({payments[it.id][0] for it in lived.decisions if it.is_approved})
    labels = {id_: "fraud" if place % 3 else "genuine" for place, id_ in enumerate(approved) if place % 4}
    return Trial(lived, replace(files, labels=[write_labels(folder, labels)]), payments, labels)


def write_labels(folder: Path, labels: Mapping[str, str]) -> Path:
    copied, file = folder / "known.csv", folder / "known.parquet"
    with copied.open("w") as opened:
        csv.writer(opened).writerows(labels.items())
    convert_labels(copied, file, Room(folder))
    return file


def in_duckdb(files: Exported, request: Request, folder: Path) -> Mapping[str, Any]:
    with backtests.open_duckdb(files.authorizations, files.labels, Room(folder, 512, 1)) as engine:
        return findings_to_json(backtests.evaluate(engine, backtests.plan_of(request, ())))


def requests(trial: Trial) -> Sequence[Request]:
    """Return what is tried: beside other rules, in a stretch of the time, and in several chunks."""
    middle = trial.past.decisions[30].decided_at
    alone = past.request(*TRIED, scoring=SCORING)
    many = [replace(rule, name=f"{rule.name}_{n}") for n in range(CHUNK // len(TRIED) + 1) for rule in TRIED]
    return [
        alone,
        past.request(*TRIED, scoring=SCORING, beside=BEFORE, since=middle, until=middle + timedelta(days=20)),
        past.request(*many, scoring=SCORING, beside=BEFORE),
        past.request(flagging("nothing", "amount < 0")),
    ]


async def test_duckdb_finds_what_python_finds_one_by_one(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    trial = await a_trial(engine, clock, tmp_path)
    for request in requests(trial):
        found = in_duckdb(trial.files, request, tmp_path)
        judged = trial.judged(request)
        assert by_hand.of_findings(found) == judged
    first = trial.judged(requests(trial)[0])
    # A past in which nothing changed would prove nothing.
    assert all(first[name]["count"] for name in ("newly_declined", "newly_approved"))
    assert all(it["matches"] for it in first["rules"])


async def test_examples_are_the_newest_and_the_largest_matches(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    trial = await a_trial(engine, clock, tmp_path)
    [found] = in_duckdb(trial.files, past.request(flagging("large", "amount > 150")), tmp_path)["rules"]
    matched = [it for it in reversed(trial.past.decisions) if int(it.facts.fields["amount"] or 0) > 150]
    largest = sorted(matched, key=lambda it: (it.facts.amount, it.id), reverse=True)[:5]
    wanted = {it.id for it in [*matched[:5], *largest]}
    assert [it["decision_id"] for it in found["examples"]] == [it.id for it in matched if it.id in wanted]
    for example in found["examples"]:
        decision = next(it for it in matched if it.id == example["decision_id"])
        assert (example["amount"], example["currency"]) == (decision.facts.amount, decision.facts.currency)
        assert example["is_approved"] == decision.is_approved
        assert example["payment_id"] == trial.payments.get(decision.id, (None,))[0]
        assert example["label"] == trial.labels.get(example["payment_id"])


async def test_no_history_is_found_to_be_none(tmp_path: Path) -> None:
    found = in_duckdb(Exported([], []), past.request(*TRIED, scoring=SCORING), tmp_path)
    assert found["history"]["authorizations"] == 0
    assert found["history"]["first_at"] is None
    assert [it["matches"] for it in found["rules"]] == [0] * len(TRIED)
    assert [(it["precision"], it["recall"]) for it in found["rules"]] == [(None, None)] * len(TRIED)
    assert (found["overlaps"], found["newly_declined"]["count"]) == ([], 0)


async def test_without_labels_there_is_no_precision_and_no_recall(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, count=8)
    files, _ = await past.exported(engine, lived.program_id, tmp_path)
    assert files.labels == []
    [found] = in_duckdb(files, past.request(flagging("all", "amount >= 0")), tmp_path)["rules"]
    assert (found["matches"], found["precision"], found["recall"]) == (8, None, None)
    assert found["unlabelled"] == sum(it.is_approved for it in lived.decisions)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    with running_spark() as session:
        yield SparkEngine(session, tmp_path_factory.mktemp("spark"))


def opened(spark: SparkEngine, files: Exported) -> Engine:
    spark.read("authorizations", files.authorizations, COLUMNS)
    spark.read("labels", files.labels, LABEL_COLUMNS)
    return spark


async def test_spark_finds_what_duckdb_finds(
    engine: AsyncEngine, clock: MovableClock, tmp_path: Path, spark: SparkEngine
) -> None:
    trial = await a_trial(engine, clock, tmp_path)
    asked = opened(spark, trial.files)
    # Beside others, in a stretch of time: what several chunks come to is the same SQL in both engines.
    for request in requests(trial)[1:2]:
        found = findings_to_json(backtests.evaluate(asked, backtests.plan_of(request, ())))
        assert found == in_duckdb(trial.files, request, tmp_path)
    sample = [name for place, name in enumerate(ALL_VELOCITY) if place % 19 == 0]
    counted = recomputed(asked, sample)
    for decision in trial.past.decisions:
        for name in sample:
            assert counted[decision.id][name] == decision.facts.fields[name], (decision.id, name)


async def test_spark_counts_what_was_stored_on_no_history(spark: SparkEngine) -> None:
    asked = opened(spark, Exported([], []))
    found = backtests.evaluate(asked, backtests.plan_of(past.request(*TRIED, scoring=SCORING), ()))
    assert found.history.authorizations == 0
