"""Route: the figures that the console opens with."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query
from pydantic import Field

from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import IN_DIGITS, CurrencyCode, Output, SignedAmount
from cardwright.overview.store import read_figures

router = strict.router("/v1", "overview")
Reader = Annotated[Actor, Depends(allow("overview.read", reach=Reach.ANY))]
Hours = Annotated[int, Query(ge=1, le=168, description="How far to look back."), IN_DIGITS]
_BUCKETS: Final = 60


class TrafficView(Output):
    """Authorizations decided in one bucket of time."""

    at: datetime
    approved: int
    declined: int


class ReasonView(Output):
    """How many authorizations were declined for one reason."""

    code: str = Field(examples=["insufficient_funds"])
    count: int


class StageView(Output):
    """How long a stage of the decision took; `total` is all of them together."""

    name: str = Field(examples=["load"])
    p50_us: int
    p99_us: int


class FraudView(Output):
    """Cases found to be fraud."""

    currency: CurrencyCode
    count: int
    amount: SignedAmount


class QueueView(Output):
    """Work that waits for people."""

    name: str = Field(examples=["cases"])
    waiting: int
    late: int = Field(description="Past its deadline; 0 where a queue knows none.")
    oldest_at: datetime | None


class SenderView(Output):
    """A vendor that reports to us, among the last 2,000 reports of all."""

    source: str = Field(examples=["stripe"])
    heard_at: datetime
    waiting: int = Field(description="Reports that are not handled yet.")


class ChannelView(Output):
    """Messages to customers on one channel."""

    name: str = Field(examples=["email"])
    messages: int
    failed: int


class OverviewView(Output):
    """Figures of the program from `since` to `until`."""

    since: datetime
    until: datetime
    bucket_seconds: int
    traffic: list[TrafficView]
    approved: int
    declined: int
    declines: list[ReasonView] = Field(description="The eight most frequent reasons.")
    stages: list[StageView] = Field(description="Of the last 10,000 decisions of ours at most.")
    timed: int = Field(description="How many decisions the times are of.")
    answered_by_network: int = Field(description="Decided by the network, as we did not answer in time.")
    fraud: list[FraudView]
    queues: list[QueueView]
    senders: list[SenderView]
    channels: list[ChannelView]


@router.get("/overview")
async def get_overview(
    actor: Reader, session: SessionDep, clock: ClockDep, hours: Hours = 24
) -> OverviewView:
    """How the program decides, what waits for people, and how the vendors answer; no personal data."""
    width = timedelta(hours=hours) / _BUCKETS
    until = clock.now()
    since = until - _BUCKETS * width
    figures = await read_figures(session, actor.program_id, since=since, until=until, width=width)
    return OverviewView(
        since=since,
        until=until,
        bucket_seconds=int(width.total_seconds()),
        traffic=[TrafficView.model_validate(each) for each in figures.traffic],
        approved=sum(each.approved for each in figures.traffic),
        declined=sum(each.declined for each in figures.traffic),
        declines=[ReasonView.model_validate(each) for each in figures.reasons],
        stages=[StageView(name=each.name, p50_us=each.p50, p99_us=each.p99) for each in figures.stages],
        timed=figures.timed,
        answered_by_network=figures.answered_by_network,
        fraud=[FraudView.model_validate(each) for each in figures.fraud],
        queues=[QueueView.model_validate(each) for each in figures.queues],
        senders=[SenderView.model_validate(each) for each in figures.senders],
        channels=[ChannelView.model_validate(each) for each in figures.channels],
    )
