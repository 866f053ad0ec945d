"""How far a backtest has come, as it is shown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cardwright.backtests.run import Progress, Request, Run, RunState, Stage, percent_of, stage_of
from cardwright.rules import Scoring

RUN = Run(
    "bt_1", "prog_1", RunState.RUNNING, Request((), Scoring(), ()), "user_1", datetime(2026, 1, 1, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("progress", "stage", "percent"),
    [
        (Progress(), Stage.EXPORTING, 0),
        (Progress(20, 80), Stage.EXPORTING, 10),
        (Progress(79, 79), Stage.STARTING, 40),
        (Progress(79, 79, 0, 5), Stage.COMPUTING, 40),
        (Progress(79, 79, 5, 5), Stage.COMPUTING, 99),
        (Progress(0, 0, 5, 5), Stage.COMPUTING, 59),
    ],
)
def test_what_runs_says_what_it_does_and_is_never_at_a_hundred(
    progress: Progress, stage: Stage, percent: int
) -> None:
    run = replace(RUN, progress=progress)
    assert (stage_of(run), percent_of(run)) == (stage, percent)


def test_only_what_is_done_is_at_a_hundred() -> None:
    full = replace(RUN, progress=Progress(79, 79, 5, 5))
    ends = {state: percent_of(replace(full, state=state)) for state in RunState}
    assert [state for state, percent in ends.items() if percent == 100] == [RunState.DONE]
    assert stage_of(replace(RUN, state=RunState.QUEUED)) is Stage.WAITING
    assert stage_of(replace(full, state=RunState.FAILED)) is Stage.ENDED
