"""Statements over HTTP: one's own wallet over a month or any days, as JSON, CSV and PDF."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import Depends, Query, Response
from pydantic import Field

from cardwright.access import Actor, allow
from cardwright.core.errors import Invalid
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.http.strict import CurrencyCode, Day, Id, Output, SignedAmount
from cardwright.programs import Program
from cardwright.statements import domain, service
from cardwright.statements.domain import Statement
from cardwright.statements.rows import csv_of
from cardwright.statements.writing import Writer

router = strict.router("/v1", "statements")
Holder = Annotated[Actor, Depends(allow("wallet.read"))]
_MOST_LINES: Final = 50_000
_MOST_PRINTED: Final = 5_000


class ChargedView(Output):
    """What a merchant abroad asked."""

    amount: SignedAmount
    currency: CurrencyCode


class LineView(Output):
    """A posting in the holder's language, with the balance after it."""

    entry_id: Id
    kind: str
    posted_at: datetime
    description: str
    details: str
    last4: str | None
    payment_id: Id | None
    charged: ChargedView | None = Field(description="Where the merchant charged in another currency.")
    amount: SignedAmount
    balance: SignedAmount


class OpenHoldView(Output):
    """What is set aside for a purchase at the end of the period."""

    payment_id: Id
    opened_at: datetime
    description: str
    last4: str | None
    amount: SignedAmount


class StatementView(Output):
    """A wallet over a period in minor units; `opening_balance` and the amounts are the `closing_balance`."""

    first_day: date
    last_day: date
    time_zone: str
    currency: CurrencyCode
    is_provisional: bool = Field(description="Whether the period is not over yet.")
    made_at: datetime
    opening_balance: SignedAmount = Field(description="The wallet less what is owed.")
    money_in: SignedAmount
    money_out: SignedAmount
    closing_balance: SignedAmount
    held: SignedAmount
    available_balance: SignedAmount = Field(description="The closing balance less what is held.")
    lines: list[LineView]
    open_holds: list[OpenHoldView]


async def _statement(
    session: SessionDep,
    clock: ClockDep,
    actor: Holder,
    program: Annotated[Program, Depends(provided(Program))],
    month: Annotated[
        str | None,
        Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="A whole month; this one by default.",
              examples=["2026-10"]),
    ] = None,
    first_day: Annotated[Day | None, Query(description="Of a period of one's own; with `last_day`.")] = None,
    last_day: Annotated[Day | None, Query(description="The last day of it.")] = None,
) -> Statement:  # fmt: skip
    zone, now = await service.zone_of(session, actor.user_id), clock.now()
    if first_day is not None and last_day is not None and month is None:
        period = domain.Period(first_day, last_day, zone)
    elif first_day is None and last_day is None:
        period = domain.month(month or f"{now.astimezone(zone):%Y-%m}", zone)
    else:
        raise Invalid("period_invalid", "Name a month, or the first and the last day.")
    return await service.make_statement(
        session, program, period, user_id=actor.user_id, at=now, most_lines=_MOST_LINES
    )


StatementDep = Annotated[Statement, Depends(_statement)]


@router.get("/statement")
async def get_statement(statement: StatementDep, _: Holder) -> StatementView:
    """Your wallet over a period: every posting, what is still held, and balances that are the ledger's."""
    writer = Writer.of(statement)
    return StatementView(
        first_day=statement.period.first, last_day=statement.period.last,
        time_zone=statement.period.zone.key, currency=statement.currency,
        is_provisional=statement.is_provisional, made_at=statement.made_at,
        opening_balance=statement.opening, money_in=statement.money_in, money_out=statement.money_out,
        closing_balance=statement.closing, held=statement.held, available_balance=statement.available,
        lines=[
            LineView(
                entry_id=line.entry_id, kind=line.kind, posted_at=line.at, description=writer.what(line),
                details=writer.details(line), last4=line.last4, payment_id=line.payment_id,
                charged=line.charged and ChargedView(amount=line.charged[0], currency=line.charged[1]),
                amount=line.amount, balance=line.balance,
            )
            for line in statement.lines
        ],
        open_holds=[
            OpenHoldView(
                payment_id=hold.payment_id, opened_at=hold.at, description=hold.text, last4=hold.last4,
                amount=hold.amount,
            )
            for hold in statement.holds
        ],
    )  # fmt: skip


@router.get(
    "/statement.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_statement_csv(statement: StatementDep, _: Holder) -> Response:
    """The same for a spreadsheet: decimal amounts, instants with their zone, no cell that it would run."""
    return _file(statement, "csv", csv_of(statement).encode(), "text/csv; charset=utf-8")


@router.get(
    "/statement.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_statement_pdf(statement: StatementDep, _: Holder) -> Response:
    """The same as pages to print and keep, in your language; up to 5,000 movements."""
    if len(statement.lines) > _MOST_PRINTED:
        raise Invalid("statement_too_long", f"More than {_MOST_PRINTED} movements: ask for a shorter period.")
    pages = await asyncio.to_thread(_printed, statement)
    return _file(statement, "pdf", pages, "application/pdf")


def _printed(statement: Statement) -> bytes:
    # Here because it takes long to load, and in this thread: nobody else waits for it.
    from cardwright.statements.pages import pdf_of  # noqa: PLC0415

    return pdf_of(statement)


def _file(statement: Statement, ending: str, content: bytes, media_type: str) -> Response:
    name = f"statement-{statement.period.first}-{statement.period.last}.{ending}"
    return Response(
        content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
