"""The commands that prove and try rules, as an operator runs them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from cardwright.cli import app
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.rules import guardrails
from cardwright.rules.proofs import Guardrail
from integration.backtests import past
from integration.kyc.people import the_program
from running_application import environment_of

LARGE = {"name": "large", "when": "amount > 200", "action": "decline", "reason": "Too large."}


async def run(environment: Mapping[str, str], *options: str, command: str = "backtest") -> tuple[int, str]:
    done = await asyncio.to_thread(
        CliRunner().invoke, app, ["rules", command, *options], env=dict(environment)
    )
    return done.exit_code, done.output


def written(folder: Path, rules: object) -> str:
    file = folder / "rules.json"
    file.write_text(json.dumps(rules))
    return str(file)


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> Mapping[str, str]:
    return {
        **environment_of(database_url, tmp_path),
        "CARDWRIGHT_BACKTESTS__FOLDER": str(tmp_path / "backtests"),
        "CARDWRIGHT_BACKTESTS__MEMORY_MIB": "512",
        "CARDWRIGHT_PROGRAM__SLUG": "demo",
    }


async def test_an_operator_tries_rules_and_reads_what_they_would_do(
    environment: Mapping[str, str], engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    lived = await past.lived(engine, clock, count=12)
    large = [it for it in lived.decisions if it.facts.amount > 200]
    declined = [it for it in large if it.is_approved]
    file = written(tmp_path, [LARGE])
    exit_code, said = await run(environment, file)
    assert exit_code == 3, said
    assert "12 authorizations" in said
    assert f"Newly declined: {len(declined)}" in said
    exit_code, said = await run(environment, file, "--json", "--since", "2026-11-20")
    [found] = json.loads(said)["rules"]
    assert (exit_code, found["matches"], found["would_decline"]) == (3, len(large), len(declined))
    exit_code, said = await run(environment, file, "--until", "2020-01-01")
    assert (exit_code, "There are no authorizations" in said) == (0, True)
    assert [*(tmp_path / "backtests").iterdir()] == []


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{**LARGE, "when": "amuont > 5"}], "These rules have faults: large."),
        ([{"name": "large"}], "holds no rules"),
        ({"rules": "none"}, "holds no rules"),
        (7, "holds no rules"),
    ],
)
async def test_what_is_no_rule_is_told_and_nothing_is_tried(
    environment: Mapping[str, str], tmp_path: Path, rules: Sequence[object], expected: str
) -> None:
    exit_code, said = await run(environment, written(tmp_path, rules))
    assert (exit_code, expected in said) == (1, True), said
    assert "Traceback" not in said


async def test_an_operator_proves_rules_and_reads_what_is_wrong_with_them(
    environment: Mapping[str, str], engine: AsyncEngine, clock: MovableClock, tmp_path: Path
) -> None:
    async with transaction(engine) as session:
        program = await the_program(session)
        await guardrails.keep(
            session, program.id, Guardrail("small", "amount < 100"), reason="tested", by="user_1",
            at=clock.now(),
        )  # fmt: skip
    exit_code, said = await run(environment, written(tmp_path, [LARGE]), command="verify")
    assert exit_code == 0, said
    assert "guardrail holds" in said
    assert "approved becomes declined" in said
    assert "Happened: nothing was decided in the last 90 days." in said
    never = {**LARGE, "name": "never", "when": "amount > 9 && amount < 8"}
    any_sum = {**LARGE, "name": "any", "when": "amount > 50"}
    exit_code, said = await run(environment, written(tmp_path, [never]), command="verify")
    assert (exit_code, "never fires" in said) == (3, True), said
    exit_code, said = await run(environment, written(tmp_path, [any_sum]), "--json", command="verify")
    [guardrail] = json.loads(said)["guardrails"]
    assert (exit_code, guardrail["verdict"], guardrail["outcome"]) == (3, "broken", "declined")
    exit_code, said = await run(environment, written(tmp_path, [{"name": "large"}]), command="verify")
    assert (exit_code, "holds no rules" in said) == (1, True), said
