"""Killed processes and a crashed PostgreSQL lose nothing and double nothing; wrong ways are caught at it."""

import random
from pathlib import Path

import pytest

from under_fire.controls import HASTY_POSTGRES
from under_fire.drill import Outcome, Plan, drill

SEED = random.randrange(10**6)  # noqa: S311 - any will do: it is told when something is found
FEW = {"holders": 4, "seed": SEED}
CONTROLS = {
    "check_then_act": (Plan(4, 0, serves="under_fire.controls:check_then_act", **FEW), {"doubled"}),
    "valkey_alone": (Plan(4, 0, 2, serves="under_fire.controls:valkey_alone", **FEW), {"doubled"}),
    "asynchronous_commit": (Plan(0, 3, postgres=HASTY_POSTGRES, **FEW), {"lost"}),
}


async def test_nothing_is_lost_and_nothing_is_doubled(tmp_path: Path) -> None:
    outcome = await drill(tmp_path, Plan(kills=20, crashes=2, flushes=1, **FEW))
    assert outcome.findings == [], _told(outcome)
    # Something was in the way indeed: much had to be asked again.
    assert outcome.acknowledged == outcome.asked > 50
    assert outcome.sent > outcome.asked


@pytest.mark.parametrize("name", CONTROLS)
async def test_a_wrong_way_to_do_it_is_caught(name: str, tmp_path: Path) -> None:
    plan, expected = CONTROLS[name]
    outcome = await drill(tmp_path, plan)
    assert expected <= {it.kind for it in outcome.findings}, _told(outcome)


def _told(outcome: Outcome) -> str:
    return f"seed {outcome.plan.seed}, {outcome.asked} asked: {outcome.findings[:20]}"
