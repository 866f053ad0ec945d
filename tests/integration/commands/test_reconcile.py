"""The command that compares everything now, against the simulator, as an operator runs it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cardwright.cli import app
from running_application import environment_of
from running_simulator import QUICK, RunningSimulator, running_simulator


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


async def test_an_operator_reconciles_and_reads_what_differs(
    database_url: str, simulator: RunningSimulator, tmp_path: Path
) -> None:
    environment = {
        **environment_of(database_url, tmp_path),
        "CARDWRIGHT_STRIPE__API_KEY": QUICK.stripe_secret_key,
        "CARDWRIGHT_STRIPE__BASE_URL": simulator.base_url,
    }

    async def run(*options: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile", *options], env=environment)
        return done.exit_code, " ".join(done.output.split())

    exit_code, said = await run()
    assert (exit_code, "Both sides agree" in said) == (0, True), said
    answer = await asyncio.to_thread(
        httpx.post, f"{simulator.base_url}/_sim/stripe/fees", json={"amount": 30}
    )
    taken = answer.json()
    # What is younger than an hour is under way and no difference yet.
    assert (await run())[0] == 0
    objects = simulator.world.objects
    objects.put("balance_transaction", taken | {"created": taken["created"] - 2 * 3600})
    exit_code, said = await run("--since", "2026-01-01")
    assert exit_code == 1
    for expected in ("1 differences are new", taken["id"], "missing_here", "-30 USD", "1 differences wait"):
        assert expected in said


def test_an_environment_that_is_not_complete_is_told_by_the_names_of_its_variables() -> None:
    done = CliRunner().invoke(
        app, ["reconcile"], env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    )
    said = " ".join(done.output.split())
    assert done.exit_code == 1
    assert "Not reconciled: the environment is not complete or not right: " in said
    assert "CARDWRIGHT_STRIPE (field required)" in said
    assert "Traceback" not in said
