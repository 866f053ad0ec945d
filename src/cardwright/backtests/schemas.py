"""What backtests look like over HTTP."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field

from cardwright.backtests.run import Run, RunState, Stage, percent_of, stage_of
from cardwright.core.errors import Invalid
from cardwright.http.strict import Id, Input, Instant, Output
from cardwright.rules import MAX_RULES, MAX_VERSION, RuleBody, ScoringBody

Value = Annotated[
    dict[str, int],
    Field(description="What was asked for, by currency, in minor units.", examples=[{"USD": 125000}]),
]


class BacktestBody(Input):
    """Rules to try on recorded authorizations, or a published version: one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "rules": [
                        {
                            "name": "many_declines", "when": "velocity.card.declined_count_1h > 3",
                            "action": "decline", "reason": "Too many attempts.",
                        }
                    ],
                    "since": "2026-08-01T00:00:00Z",
                }
            ]
        }
    )  # fmt: skip

    rules: list[RuleBody] | None = Field(
        default=None, min_length=1, max_length=MAX_RULES, examples=[None],
        description="The rules to try, whatever their stage; shadow ones and drafts change no outcome.",
    )  # fmt: skip
    scoring: ScoringBody | None = Field(
        default=None, description="What the score leads to; null for what it leads to now.", examples=[None]
    )
    beside_active: bool = Field(
        default=True,
        description="Whether the active rules count as well, except those whose name is given another rule.",
        examples=[True],
    )
    version: int | None = Field(
        default=None, ge=1, le=MAX_VERSION, description="A published version, alone.", examples=[None]
    )
    since: Instant | None = Field(
        default=None,
        description="The first instant; null for all there is.",
        examples=["2026-08-01T00:00:00Z"],
    )
    until: Instant | None = Field(
        default=None,
        description="The instant after the last; null for all.",
        examples=["2026-11-01T00:00:00Z"],
    )

    def ensure_clear(self) -> None:
        """Raise Invalid `backtest_unclear` unless it says what to try."""
        if (self.rules is None) == (self.version is None):
            raise Invalid("backtest_unclear", "Give either rules or a version.")
        if self.version is not None and self.scoring is not None:
            raise Invalid("backtest_unclear", "A version has its own scoring.")


class ProgressView(Output):
    """How far a backtest has come: history is exported first, then the rules are asked, step by step."""

    stage: Stage = Field(description="Exporting, starting the process that computes, computing, or ended.")
    percent: int = Field(description="0 to 100; 100 only when it is done.")
    rows: int = Field(description="Authorizations exported.")
    rows_of: int = Field(description="Of how many.")
    steps: int = Field(description="Steps of the computation that are done.")
    steps_of: int = Field(description="Of how many; 0 until it computes.")

    @classmethod
    def of(cls, run: Run) -> Self:
        """Build the view of a run's progress."""
        return cls(stage=stage_of(run), percent=percent_of(run), **asdict(run.progress))


class ShareView(Output):
    """A share and the interval in which the true one lies with 95 %."""

    part: int
    whole: int
    value: float = Field(description="0 to 1.")
    low: float
    high: float


class ExampleView(Output):
    """An authorization that a rule matched."""

    decision_id: Id
    payment_id: Id | None
    decided_at: datetime
    amount: int = Field(description="In minor units of `currency`.")
    currency: str
    is_approved: bool
    label: str | None = Field(description="`fraud` or `genuine`, where that is known.")


class RuleFindingsView(Output):
    """What one rule matches."""

    rule: str
    action: str
    stage: str
    is_tested: bool = Field(description="False of an active rule that was asked beside them.")
    matches: int
    approved: int = Field(description="Matches that were approved.")
    declined: int = Field(description="Matches that were declined; nothing can show that they were fraud.")
    unique: int = Field(description="Matches of no other rule that was asked.")
    value: Value
    fraud: int = Field(description="Matches known as fraud.")
    genuine: int = Field(description="Matches known as genuine.")
    unlabelled: int = Field(description="Approved matches of which nothing is known.")
    precision: ShareView | None = Field(description="Fraud among labelled matches; null without any.")
    recall: ShareView | None = Field(description="Matches among all known fraud; null without any.")
    would_decline: int = Field(description="Approved ones that it would decline if it counted.")
    good_customers: int = Field(
        description="Holders that it would decline a payment that is not known as fraud."
    )
    examples: list[ExampleView] = Field(description="The newest and the largest, at most ten.")


class OverlapView(Output):
    """Two rules, and how many authorizations both match."""

    rule: str
    other: str
    matches: int


class ChangeView(Output):
    """Authorizations that would have ended otherwise, by the written order of all rules that count."""

    count: int
    value: Value
    fraud: int
    genuine: int
    customers: int = Field(description="Holders of those that are not known as fraud.")


class HistoryView(Output):
    """What was looked at."""

    first_at: datetime | None
    last_at: datetime | None
    authorizations: int
    approved: int
    declined: int
    undecided: int = Field(description="Answered by the network itself: no rule changes them.")
    incomplete: int = Field(description="They lack a value that tested rules read: it was not recorded then.")
    fraud: int
    genuine: int


class FindingsView(Output):
    """What a backtest found."""

    history: HistoryView
    rules: list[RuleFindingsView]
    overlaps: list[OverlapView] = Field(description="With a tested rule; pairs that never meet are left out.")
    newly_declined: ChangeView
    newly_approved: ChangeView


class BacktestView(Output):
    """A backtest and how far it has come."""

    id: Id
    state: RunState
    requested_by: str
    tested: list[str] = Field(description="The names of the rules that are tried.")
    version: int | None = Field(description="The version that is tried.")
    beside_version: int | None = Field(description="The active version beside which they are tried.")
    since: datetime | None
    until: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: ProgressView
    failure: str | None = Field(description="Why there are no findings.")

    @classmethod
    def of(cls, run: Run) -> Self:
        """Build the view of a run."""
        return cls(**cls._members(run))

    @staticmethod
    def _members(run: Run) -> dict[str, object]:
        request = run.request
        return {
            "id": run.id, "state": run.state, "requested_by": run.requested_by,
            "tested": list(request.tested), "version": request.version,
            "beside_version": request.beside_version, "since": request.since, "until": request.until,
            "created_at": run.created_at, "started_at": run.started_at, "finished_at": run.finished_at,
            "progress": ProgressView.of(run), "failure": run.failure,
        }  # fmt: skip


class BacktestDetailView(BacktestView):
    """A backtest with what it asked and what it found."""

    rules: list[RuleBody] = Field(description="All rules that are asked, the tested ones first.")
    scoring: ScoringBody
    findings: FindingsView | None = Field(description="Null until it is done.")

    @classmethod
    def of(cls, run: Run) -> Self:
        """Build the view of a run."""
        return cls(
            **cls._members(run),
            rules=[RuleBody.model_validate(rule) for rule in run.request.rules],
            scoring=ScoringBody.model_validate(run.request.scoring),
            findings=None if run.result is None else FindingsView.model_validate(run.result),
        )
