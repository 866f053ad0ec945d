"""Making a statement: the ledger's movements, in the words of payments and of whoever holds the wallet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from cardwright import ledger, payments, users
from cardwright.core.errors import Invalid
from cardwright.db.session import Session
from cardwright.ledger import Movement
from cardwright.payments import PaymentText
from cardwright.programs import Program
from cardwright.statements.domain import Line, OpenHold, Period, Statement, ensure_period
from cardwright.statements.texts import locale_of
from cardwright.users import Profile


async def zone_of(session: Session, user_id: str) -> ZoneInfo:
    """Return the time zone that a person's days and months begin in."""
    profile = await users.find_profile(session, user_id)
    return ZoneInfo("UTC" if profile is None else profile.time_zone)


async def make_statement(
    session: Session, program: Program, period: Period, *, user_id: str, at: datetime, most_lines: int
) -> Statement:
    """Return a person's statement over a period.

    Raises Invalid `period_invalid`, and `statement_too_long` for more movements than asked for at most.
    """
    ensure_period(period, at=at)
    whose = {"program_id": program.id, "currency": program.currency}
    moved = await ledger.movements(
        session, owner_id=user_id, since=period.since, until=period.until, **whose
    )  # fmt: skip
    if len(moved.lines) > most_lines:
        raise Invalid("statement_too_long", f"More than {most_lines} movements: ask for a shorter period.")
    held = await payments.open_holds(session, user_id=user_id, until=period.until, **whose)
    ids = {line.payment_id for line in moved.lines if line.payment_id} | {hold.payment_id for hold in held}
    texts = await payments.payment_texts(session, ids)
    profile = await users.find_profile(session, user_id)
    return Statement(
        program_name=program.name,
        holder_name="" if profile is None else profile.full_name,
        address=_address(profile),
        locale="en" if profile is None else profile.locale,
        currency=program.currency,
        period=period,
        made_at=at,
        opening=moved.opening,
        closing=moved.closing,
        lines=_lines(moved, texts),
        holds=[
            OpenHold(
                hold.payment_id, hold.opened_at, texts[hold.payment_id].merchant_name,
                texts[hold.payment_id].last4, hold.amount,
            )
            for hold in held
        ],
    )  # fmt: skip


def _lines(moved: ledger.Movements, texts: Mapping[str, PaymentText]) -> Sequence[Line]:
    balances = accumulate((line.change for line in moved.lines), initial=moved.opening)
    next(balances)
    return [
        _line(line, texts.get(line.payment_id or ""), balance)
        for line, balance in zip(moved.lines, balances, strict=True)
    ]


def _line(line: Movement, said: PaymentText | None, balance: int) -> Line:
    return Line(
        entry_id=line.entry_id, kind=line.kind, at=line.posted_at,
        text=said.merchant_name if said else "", last4=said.last4 if said else None,
        payment_id=line.payment_id, charged=said.charged.get(line.external_id) if said else None,
        amount=line.change, balance=balance,
    )  # fmt: skip


def _address(profile: Profile | None) -> Sequence[str]:
    if profile is None or profile.address is None:
        return ()
    found = profile.address
    country = locale_of(profile.locale).territories.get(found.country, found.country)
    return (found.line1, f"{found.postal_code} {found.city}", country)
