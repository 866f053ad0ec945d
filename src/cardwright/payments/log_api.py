"""What is made of the log: a file for spreadsheets, and what was spent on what."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import StreamingResponse

from cardwright import merchants, users
from cardwright.access import Actor, Reach, allow
from cardwright.core.errors import Invalid
from cardwright.db.confinement import confine_to_customer, confine_to_program
from cardwright.db.session import Session, transaction
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.strict import CurrencyCode, Day, Output, SignedAmount
from cardwright.payments import export, log
from cardwright.payments.log_filter import Everyone, LogFilterDep
from cardwright.payments.spending import Spent, SpentBy, spending
from cardwright.programs import Program

router = strict.router("/v1", "payments")
Reader = Annotated[Actor, Depends(allow("payments.read"))]
_LONGEST: Final = timedelta(days=3 * 366)
_USUAL: Final = timedelta(days=365)
_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2200, 1, 1)
_MOST_SHOWN: Final = 100


class SpentView(Output):
    """What payments of one kind came to."""

    key: str = Field(description="A group of categories, a merchant's id or a month.", examples=["groceries"])
    name: str
    amount: SignedAmount
    payments: int


class SpendingSummary(Output):
    """What was spent from the first day to the last, where the holder lives; refunds are taken off."""

    by: SpentBy
    first_day: date
    last_day: date
    time_zone: str
    currency: CurrencyCode
    total: SignedAmount = Field(description="Of what is shown.")
    data: list[SpentView]


@router.get(
    "/payments.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_payments(
    request: Request, session: SessionDep, clock: ClockDep, actor: Reader, wanted: LogFilterDep,
    everyone: Everyone = False,
) -> StreamingResponse:  # fmt: skip
    """The log, filtered like the list and as long as it is, for a spreadsheet: none of its cells is run."""
    viewer = await log.viewer_of(session, actor, wanted, everyone=everyone, at=clock.now())
    zone = await _zone(session, actor.user_id)
    lines = export.csv_lines(partial(_confined, request, actor), viewer, wanted, zone)
    attached = {"Content-Disposition": f'attachment; filename="payments-{clock.now():%Y-%m-%d}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=attached)


@router.get("/spending")
async def get_spending(
    session: SessionDep,
    clock: ClockDep,
    actor: Reader,
    program: Annotated[Program, Depends(provided(Program))],
    by: Annotated[SpentBy, Query(description="What to sum up by.")] = SpentBy.CATEGORY,
    first_day: Annotated[Day | None, Query(description="A year before the last day when left out.")] = None,
    last_day: Annotated[Day | None, Query(description="Today when left out.")] = None,
) -> SpendingSummary:
    """What you spent by category, merchant (the 100 largest) or month, in your time zone."""
    zone = await _zone(session, actor.user_id)
    last = last_day or clock.now().astimezone(zone).date()
    if not _EARLIEST < last < _LATEST:
        raise Invalid("period_invalid", "A period ends between the years 2000 and 2200.")
    first = first_day or last - _USUAL
    if not timedelta() <= last - first < _LONGEST:
        raise Invalid("period_invalid", "A period ends on its first day or later, within three years.")
    found = await spending(
        session, by, zone, program_id=actor.program_id, user_id=actor.user_id, since=_midnight(first, zone),
        until=_midnight(last + timedelta(days=1), zone), limit=_MOST_SHOWN,
    )  # fmt: skip
    known = await merchants.find_merchants(session, [it.key for it in found if by is SpentBy.MERCHANT])
    return SpendingSummary(
        by=by, first_day=first, last_day=last, time_zone=zone.key, currency=program.currency,
        total=sum(spent.amount for spent in found), data=[_spent(by, spent, known) for spent in found],
    )  # fmt: skip


def _spent(by: SpentBy, spent: Spent, known: Mapping[str, merchants.Merchant]) -> SpentView:
    match by:
        case SpentBy.CATEGORY:
            groups = {group.id: group.name for group, _ in merchants.groups()}
            name = groups.get(spent.key, spent.key)
        case SpentBy.MERCHANT:
            found = known.get(spent.key)
            name = found.name if found else merchants.clean_name(spent.name)
        case SpentBy.MONTH:
            name = spent.key
    return SpentView(key=spent.key, name=name, amount=spent.amount, payments=spent.payments)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


async def _zone(session: Session, user_id: str) -> ZoneInfo:
    profile = await users.find_profile(session, user_id)
    return ZoneInfo("UTC" if profile is None else profile.time_zone)


@asynccontextmanager
async def _confined(request: Request, actor: Actor) -> AsyncIterator[Session]:
    # The request's own transaction has ended when its answer is streamed; these are confined like it.
    confine = confine_to_customer if actor.reach is Reach.OWN else confine_to_program
    async with transaction(request.app.state.engine) as session:
        await confine(session, program_id=actor.program_id, user_id=actor.user_id)
        yield session
