"""The demo as a newcomer runs it: the whole product in processes of its own, twice on one data folder."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from appended_events import fault_of_recorded
from cardwright.db.embedded import EmbeddedPostgres
from cardwright.events import RecordedEvent

DECLINES = {"limit_exceeded", "merchant_locked", "rule_declined"}
TITLES = [
    "Sign up, prove the e-mail address, sign in",
    "Prove who you are (Stripe Identity)",
    "Add money (Stripe PaymentIntents)",
    "Create a virtual card (Stripe Issuing)",
    "An analyst proposes a rule, an administrator approves it",
    "Pay: authorization, two clearings, a reversal, a refund",
    "Pay: an expired hold, then a late clearing",
    "Pay: a force post",
    "Declined by a limit",
    "Declined by a rule",
    "Declined on a frozen card",
    "A card for one merchant",
    "Webhooks twice and out of order",
    "What people were told",
    "The books",
    "The audit: recompute everything",
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


def tell(data: Path, story: Path) -> tuple[str, dict[str, Any]]:
    command = [
        sys.executable,
        "-m",
        "cardwright",
        "demo",
        "--once",
        "--data",
        str(data),
        "--story",
        str(story),
    ]
    # Its own embedded servers, whatever this run of the tests was pointed at.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    }
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False, env=environment)
    logs = "\n".join(log.read_text()[-3000:] for log in (data / "logs").glob("*.log"))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{logs}"
    found: dict[str, Any] = json.loads(story.read_text())
    return done.stdout, found


@pytest.fixture(scope="module")
def first(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    return tell(data, tmp_path_factory.mktemp("first") / "story.json")


def test_the_environment_is_left_for_commands_and_for_nobody_else(
    data: Path, first: tuple[str, dict[str, Any]]
) -> None:
    file = data / "environment"
    assert file.stat().st_mode & 0o777 == 0o600
    command = f'. "{file}" && echo "$CARDWRIGHT_ENVIRONMENT $CARDWRIGHT_IDENTITY_VERIFIERS $DATABASE_URL"'
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert said.startswith('demo ["stripe", "onfido"] postgresql://')


async def test_the_stream_tells_the_story_without_a_gap_in_the_words_of_the_catalogue(
    data: Path, first: tuple[str, dict[str, Any]]
) -> None:
    assert first
    server = EmbeddedPostgres(data / "postgres")
    try:
        connection = await asyncpg.connect(server.start())
        rows = await connection.fetch("SELECT * FROM events ORDER BY position")
        await connection.close()
    finally:
        server.stop()
    assert [it["position"] for it in rows] == [*range(1, len(rows) + 1)]
    kept = {"id", "program_id", "position", "type", "subject_id", "user_id", "occurred_at"}
    told = [RecordedEvent(**{it: row[it] for it in kept}, data=json.loads(row["data"])) for row in rows]
    assert [fault for it in told if (fault := fault_of_recorded(it))] == []
    assert {"cards.card_issued", "payments.authorization_approved", "payments.payment_cleared"} <= {
        it.type for it in told
    }


def test_the_story_has_all_its_steps_with_ids_and_times(first: tuple[str, dict[str, Any]]) -> None:
    _, story = first
    assert [step["number"] for step in story["steps"]] == list(range(1, len(story["steps"]) + 1))
    assert [step["title"] for step in story["steps"]] == TITLES
    ids = {name for step in story["steps"] for name in step["ids"]}
    assert ids >= {
        "user_id",
        "verification_id",
        "top_up_id",
        "card_id",
        "payment_id",
        "rejected_verification_id",
    }
    assert all(step["milliseconds"] > 0 for step in story["steps"])


def test_every_decline_says_which_check_and_what_would_have_let_it_pass(
    first: tuple[str, dict[str, Any]],
) -> None:
    _, story = first
    declined = [
        decision
        for step in story["steps"]
        for decision in step["decisions"]
        if decision["outcome"] == "declined"
    ]
    assert {decision["reason_code"] for decision in declined} >= DECLINES
    for decision in declined:
        failed = [check for check in decision["checks"] if not check["passed"]]
        assert any(check["would_pass"] for check in failed), failed


def test_every_decision_that_is_replayed_is_told_with_its_checks(first: tuple[str, dict[str, Any]]) -> None:
    _, story = first
    told = [decision for step in story["steps"] for decision in step["decisions"]]
    facts = {name: value for step in story["steps"] for name, value in step["facts"].items()}
    assert len({decision["id"] for decision in told}) == facts["replayed_decisions"]
    assert all(decision["checks"] for decision in told)


def test_the_books_balance_and_the_decisions_replay(first: tuple[str, dict[str, Any]]) -> None:
    _, story = first
    facts = {name: value for step in story["steps"] for name, value in step["facts"].items()}
    assert facts["trial_balance"]["difference"] == {"USD": 0}
    assert facts["replayed_decisions"] >= 6
    assert facts["differing_decisions"] == 0


def test_the_demo_s_risk_model_scores_beside_the_rules(first: tuple[str, dict[str, Any]]) -> None:
    printed, story = first
    [risk] = [step["facts"]["risk"] for step in story["steps"] if "risk" in step["facts"]]
    assert (risk["model_version"], risk["failure"]) == (1, None)
    assert 500 < risk["score"] <= 1000
    assert risk["features"]["merchant.mcc"] == 7995
    assert f"gave {risk['score']} of 1000" in " ".join(printed.split())


def test_the_narrative_reads_without_a_terminal(first: tuple[str, dict[str, Any]]) -> None:
    printed, _ = first
    assert "\x1b" not in printed
    assert "The story is told" in printed


def test_a_second_run_starts_where_the_first_ended(
    first: tuple[str, dict[str, Any]], data: Path, tmp_path: Path
) -> None:
    _, second = tell(data, tmp_path / "story.json")
    assert set(second["people"]).isdisjoint(first[1]["people"])
    facts = [
        {name: value for step in story["steps"] for name, value in step["facts"].items()}
        for story in (first[1], second)
    ]
    assert facts[1]["replayed_decisions"] > facts[0]["replayed_decisions"]
    assert facts[1]["rulebook_version"] == facts[0]["rulebook_version"]
