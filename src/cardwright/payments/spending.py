"""What was spent: sums over a holder's payments by category, by merchant and by month, one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from cardwright.db.session import Session
from cardwright.payments.store import payments


class SpentBy(StrEnum):
    """What spending is summed up by."""

    CATEGORY = "category"
    MERCHANT = "merchant"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Spent:
    """What payments of one kind came to, refunds taken off, in minor units; `name` is a merchant's latest."""

    key: str
    name: str
    amount: int
    payments: int


async def spending(
    session: Session, by: SpentBy, zone: ZoneInfo, *, program_id: str, user_id: str, since: datetime,
    until: datetime, limit: int,
) -> Sequence[Spent]:  # fmt: skip
    """Return what payments opened from `since` on and before `until` came to: held and posted.

    By month oldest first, months beginning in the zone given; else the largest first, `limit` at most.
    """
    spent = func.sum(payments.c.held + payments.c.posted)
    key = _key(by, zone)
    query = (
        select(key, func.max(payments.c.merchant["name"].astext), spent, func.count())
        .where(payments.c.program_id == program_id, payments.c.user_id == user_id,
               payments.c.opened_at >= since, payments.c.opened_at < until,
               payments.c.status.in_(("pending", "settled")))
        .group_by(key)
    )  # fmt: skip
    ordered = query.order_by(key) if by is SpentBy.MONTH else query.order_by(spent.desc(), key).limit(limit)
    return [Spent(row[0], row[1], int(row[2]), row[3]) for row in await session.execute(ordered)]


def _key(by: SpentBy, zone: ZoneInfo) -> ColumnElement[str]:
    match by:
        case SpentBy.CATEGORY:
            return payments.c.merchant_group
        case SpentBy.MERCHANT:
            return payments.c.merchant_id
        case SpentBy.MONTH:
            return func.to_char(func.timezone(zone.key, payments.c.opened_at), "YYYY-MM")
