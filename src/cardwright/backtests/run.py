"""A run of a backtest: what was asked for, and how far it has come. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cardwright.core.errors import Conflict, Invalid
from cardwright.rules import Rule, Scoring, rule_to_json, scoring_to_json, stored_rules

MOST_ATTEMPTS: Final = 3
"""How often a run is begun whose worker was lost, before it is given up."""


class RunState(StrEnum):
    """Where a run stands; the last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


ENDED: Final = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELED})


@dataclass(frozen=True, slots=True)
class Request:
    """What is tried: rules, beside the active ones where `beside_active`, or a version that was published.

    `tested` names the rules whose findings are wanted; `since` and `until` bound when payments were decided.
    """

    rules: Sequence[Rule]
    scoring: Scoring
    tested: Sequence[str]
    version: int | None = None
    beside_version: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise Invalid("stretch_empty", "`since` is before `until`.")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: authorizations exported of all, then steps done of all."""

    rows: int = 0
    rows_of: int = 0
    steps: int = 0
    steps_of: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `heard_at` is its worker's last sign of life, `result` what it found, as JSON."""

    id: str
    program_id: str
    state: RunState
    request: Request
    requested_by: str
    created_at: datetime
    progress: Progress = field(default_factory=Progress)
    attempts: int = 0
    started_at: datetime | None = None
    heard_at: datetime | None = None
    finished_at: datetime | None = None
    failure: str | None = None
    result: Mapping[str, Any] | None = None


class Stage(StrEnum):
    """What a run is doing, in this order; the last is every end."""

    WAITING = "waiting"
    EXPORTING = "exporting"
    STARTING = "starting"
    COMPUTING = "computing"
    ENDED = "ended"


_EXPORTED_PERCENT: Final = 40
_COMPUTED_PERCENT: Final = 59


def stage_of(run: Run) -> Stage:
    """Return what a run is doing; starting is the process that computes, before its first word."""
    it = run.progress
    if run.state in ENDED:
        return Stage.ENDED
    if run.state is RunState.QUEUED:
        return Stage.WAITING
    if it.steps_of:
        return Stage.COMPUTING
    return Stage.STARTING if it.rows_of and it.rows >= it.rows_of else Stage.EXPORTING


def percent_of(run: Run) -> int:
    """Return how far a run has come, 0 to 100: 100 only when it is done."""
    if run.state is RunState.DONE:
        return 100
    it = run.progress
    exported = _EXPORTED_PERCENT * min(it.rows, it.rows_of) // it.rows_of if it.rows_of else 0
    computed = _COMPUTED_PERCENT * min(it.steps, it.steps_of) // it.steps_of if it.steps_of else 0
    return exported + computed


def ensure_cancelable(run: Run) -> None:
    """Raise Conflict `backtest_ended` when there is nothing left to cancel."""
    if run.state in ENDED:
        raise Conflict("backtest_ended", f"This backtest is {run.state}.", state=run.state.value)


def request_to_json(request: Request) -> Mapping[str, Any]:
    """Return a request as JSON."""
    return {
        "rules": [rule_to_json(it) for it in request.rules],
        "scoring": scoring_to_json(request.scoring),
        "tested": list(request.tested),
        "version": request.version,
        "beside_version": request.beside_version,
        "since": request.since and request.since.isoformat(),
        "until": request.until and request.until.isoformat(),
    }


def request_from_json(stored: Mapping[str, Any]) -> Request:
    """Read back what `request_to_json` wrote."""
    since, until = (stored[name] and datetime.fromisoformat(stored[name]) for name in ("since", "until"))
    return Request(
        stored_rules(stored["rules"]), Scoring(**stored["scoring"]), tuple(stored["tested"]),
        stored["version"], stored["beside_version"], since, until,
    )  # fmt: skip
