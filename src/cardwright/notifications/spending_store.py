"""What a program's text messages cost so far, and how many messages a person was admitted lately."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import metadata, reference, text
from cardwright.db.session import Session
from cardwright.notifications.domain import Channel
from cardwright.notifications.store import notifications

sms_spending = Table(
    "sms_spending",
    metadata,
    reference("program_id", primary_key=True),
    text("period", primary_key=True),
    Column("micros", BigInteger, nullable=False),
    CheckConstraint("micros >= 0", name="micros"),
)


async def lock_spending(session: Session, program_id: str, periods: Collection[str]) -> Mapping[str, int]:
    """Lock and return what was spent in each period, in micros."""
    rows = [{"program_id": program_id, "period": period, "micros": 0} for period in sorted(periods)]
    await session.execute(insert(sms_spending).values(rows).on_conflict_do_nothing())
    found = await session.execute(
        select(sms_spending)
        .where(sms_spending.c.program_id == program_id, sms_spending.c.period.in_(periods))
        .order_by(sms_spending.c.period)
        .with_for_update()
    )
    return {row.period: row.micros for row in found}


async def add_spending(session: Session, program_id: str, periods: Collection[str], micros: int) -> None:
    """Count a message in periods that the caller has locked."""
    await session.execute(
        update(sms_spending)
        .where(sms_spending.c.program_id == program_id, sms_spending.c.period.in_(periods))
        .values(micros=sms_spending.c.micros + micros)
    )


async def count_admitted(
    session: Session, user_ids: Collection[str], *, since: datetime
) -> Mapping[tuple[str, Channel, str], int]:
    """Return how many messages people were admitted after `since`, by person, channel and type of event.

    The caller has its turn in handing out messages, so nobody admits any meanwhile.
    """
    by = (notifications.c.user_id, notifications.c.channel, notifications.c.event_type)
    rows = await session.execute(
        select(*by, func.count().label("admitted"))
        .where(notifications.c.user_id.in_(user_ids), notifications.c.admitted_at > since)
        .group_by(*by)
    )
    return {(row.user_id, row.channel, row.event_type): row.admitted for row in rows}
