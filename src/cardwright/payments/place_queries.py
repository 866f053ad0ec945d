"""Statements that find the places and cards that a filter of the log means."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, Text, bindparam, func, select

from cardwright.access import Viewer
from cardwright.payments.log_filter import LogFilter
from cardwright.payments.place_store import cards_paid


def places_wanted(viewer: Viewer, wanted: LogFilter, merchant_ids: Sequence[str]) -> Select[Any] | None:
    """Return a query for the ids of the places that fit, in the column `key`; None where any place fits.

    `merchant_ids` are all that mean the merchant.
    """
    if wanted.text is None and wanted.category is None and not merchant_ids:
        return None
    find = func.program_payment_places if viewer.owner_id is None else func.own_payment_places
    merchants = bindparam(None, list(merchant_ids) or None, ARRAY(Text))
    return select(find(wanted.pattern, merchants, wanted.category).label("key"))


def cards_wanted(viewer: Viewer, wanted: LogFilter) -> Select[Any] | None:
    """Return a query for the ids of the cards that a text means, in the column `key`; None for none."""
    if not wanted.last4s:
        return None
    query = select(cards_paid.c.card_id.label("key")).where(
        cards_paid.c.program_id == viewer.program_id, cards_paid.c.last4.in_(wanted.last4s)
    )
    return query if viewer.owner_id is None else query.where(cards_paid.c.user_id == viewer.owner_id)
