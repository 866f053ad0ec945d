"""The log as CSV, read and written a page at a time, however long it is."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final
from zoneinfo import ZoneInfo

from cardwright import merchants
from cardwright.access import Viewer
from cardwright.core.money import decimal_text
from cardwright.db.session import Session
from cardwright.http.spreadsheets import Cell, Number, rows_of
from cardwright.payments import log
from cardwright.payments.domain import Payment
from cardwright.payments.log_filter import LogFilter

_AT_ONCE: Final = 500
_COLUMNS: Final = (
    "opened_at", "status", "merchant", "descriptor", "city", "country", "mcc", "category", "channel",
    "card_last4", "amount", "held", "posted", "currency", "payment_id", "card_id",
)  # fmt: skip

Begin = Callable[[], AbstractAsyncContextManager[Session]]


async def csv_lines(begin: Begin, viewer: Viewer, wanted: LogFilter, zone: ZoneInfo) -> AsyncIterator[str]:
    """Yield a head and the payments wanted, newest first, with instants in a time zone.

    Each page has a transaction of its own, so that a slow reader holds none open.
    """
    yield rows_of([_COLUMNS])
    before: str | None = None
    while True:
        async with begin() as session:
            found = await log.read(session, viewer, wanted, before=before, limit=_AT_ONCE)
            known = await merchants.find_merchants(session, [payment.merchant_id for payment in found])
        yield rows_of([_row(payment, zone, known) for payment in found])
        if len(found) < _AT_ONCE:
            return
        before = found[-1].id


def _row(payment: Payment, zone: ZoneInfo, known: Mapping[str, merchants.Merchant]) -> Sequence[Cell]:
    identity = known.get(payment.merchant_id)
    name = identity.name if identity else merchants.clean_name(payment.merchant.name)
    merchant, totals, currency = payment.merchant, payment.totals, payment.currency
    amounts = [
        Number(decimal_text(amount, currency)) for amount in (totals.amount, totals.held, totals.posted)
    ]
    return (
        payment.opened_at.astimezone(zone).isoformat(), totals.status, name, merchant.name, merchant.city,
        merchant.country, merchant.mcc, payment.merchant_group, payment.channel, payment.last4, *amounts,
        currency, payment.id, payment.card_id,
    )  # fmt: skip
