"""Statements that read the log: conditions that an index answers, and the page after a payment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    text,
    tuple_,
)

from cardwright.access import Viewer
from cardwright.core.errors import Invalid
from cardwright.db.session import Session
from cardwright.payments.domain import Payment
from cardwright.payments.log_filter import LogFilter
from cardwright.payments.note_store import payment_tags
from cardwright.payments.store import payments, with_elements

_FEW: Final = 2_000
"""So many payments with a text are told by their ids."""
_LOOKED_THROUGH: Final = 20_000
"""Of more, the newest are looked for in so many of the log's last payments before all are fetched."""
_ALL: Final = 2**31 - 1
_EVERY_PLAN_ANEW: Final = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")


def conditions(
    viewer: Viewer, wanted: LogFilter, *, merchant_ids: Sequence[str], card_ids: Sequence[str]
) -> list[ColumnElement[bool]]:
    """Return what must hold of a payment to be listed.

    `merchant_ids` are all that mean the merchant, `card_ids` the card and those it took the place of.
    """
    found = [payments.c.program_id == viewer.program_id]
    if viewer.owner_id is not None:
        found.append(payments.c.user_id == viewer.owner_id)
    if wanted.tag is not None:
        tagged = payment_tags.c.tag == wanted.tag
        if viewer.owner_id is not None:
            tagged &= payment_tags.c.user_id == viewer.owner_id
        found.append(payments.c.id.in_(select(payment_tags.c.payment_id).where(tagged)))
    if card_ids:
        found.append(payments.c.card_id.in_(card_ids))
    if merchant_ids:
        found.append(payments.c.merchant_id.in_(merchant_ids))
    if wanted.category is not None:
        column = payments.c.mcc if wanted.category.isdecimal() else payments.c.merchant_group
        found.append(column == wanted.category)
    if wanted.status is not None:
        found.append(payments.c.status == wanted.status)
    found += _within(payments.c.amount, wanted.amount_min, wanted.amount_max)
    if wanted.opened_from is not None:
        found.append(payments.c.opened_at >= wanted.opened_from)
    if wanted.opened_before is not None:
        found.append(payments.c.opened_at < wanted.opened_before)
    return found


async def page(
    session: Session, viewer: Viewer, conditions: Sequence[ColumnElement[bool]], *, pattern: str | None,
    before: str | None, limit: int,
) -> Sequence[Payment]:  # fmt: skip
    """Return payments with their elements, newest first, those older than the payment `before`."""
    query = select(payments).where(*conditions)
    if before is not None:
        place = tuple_(*await _place(session, before))
        query = query.where(tuple_(payments.c.opened_at, payments.c.id) < place)
    query = query.order_by(payments.c.opened_at.desc(), payments.c.id.desc())
    # A plan for any value would go through the whole log to find what there is little of.
    await session.execute(_EVERY_PLAN_ANEW)
    if pattern is None:
        rows = await _newest(session, query, limit)
    else:
        rows = await _with_text(session, viewer, query, pattern, limit)
    return await with_elements(session, rows)


async def _with_text(
    session: Session, viewer: Viewer, query: Select[Any], pattern: str, limit: int
) -> Sequence[Row[Any]]:
    find = func.program_payments_with_text if viewer.owner_id is None else func.own_payments_with_text
    few = (await session.execute(select(find(pattern, _FEW + 1)))).scalars().all()
    if len(few) <= _FEW:
        is_one_of_them = payments.c.id == any_(bindparam(None, list(few), ARRAY(Text)))
        return await _newest(session, query.where(is_one_of_them), limit)
    last = query.limit(_LOOKED_THROUGH).subquery()
    has_text = last.c.search_text.like(pattern, escape="\\")
    newest_first = (last.c.opened_at.desc(), last.c.id.desc())
    rows = await _newest(session, select(last).where(has_text).order_by(*newest_first), limit)
    if len(rows) == limit:
        return rows
    is_any_of_them = payments.c.id.in_(select(find(pattern, _ALL)))
    return await _newest(session, query.where(is_any_of_them), limit)


async def _newest(session: Session, query: Select[Any], limit: int) -> Sequence[Row[Any]]:
    rows: Sequence[Row[Any]] = (await session.execute(query.limit(limit))).all()
    return rows


async def _place(session: Session, payment_id: str) -> tuple[datetime, str]:
    # Where a payment stands never changes, and so a page begins where the one before ended.
    row = (
        await session.execute(select(payments.c.opened_at).where(payments.c.id == payment_id))
    ).one_or_none()
    if row is None:
        raise Invalid("cursor_unknown", "There is no such page: the cursor is no payment of yours.")
    return row.opened_at, payment_id


def _within(column: ColumnElement[int], least: int | None, most: int | None) -> list[ColumnElement[bool]]:
    found = [] if least is None else [column >= least]
    return found if most is None else [*found, column <= most]
