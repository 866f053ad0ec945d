"""Statements that read the log: conditions that an index answers, and the page after a payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)

from cardwright.access import Viewer
from cardwright.core.errors import Invalid
from cardwright.db.session import Session
from cardwright.payments.domain import Payment
from cardwright.payments.log_filter import LogFilter
from cardwright.payments.note_store import payment_tags
from cardwright.payments.store import payments, with_elements

_LOOKED_THROUGH: Final = 2_000
"""What is common is found in so many of the log's last payments; only what is not is looked for by place."""
_EVERY_PLAN_ANEW: Final = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
_NEWEST_FIRST: Final = (payments.c.opened_at.desc(), payments.c.id.desc())
_EVER: Final = cast(literal("-infinity"), DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What must hold of a payment to be listed.

    Where `places` is a query for ids it was made at one of them or, as a text may mean either, with one of
    the `cards`.
    """

    conditions: Sequence[ColumnElement[bool]]
    places: Select[Any] | None
    cards: Select[Any] | None


def conditions(viewer: Viewer, wanted: LogFilter, *, card_ids: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return what must hold of a payment's own columns.

    `card_ids` are the card wanted and those it took the place of.
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
    if wanted.status is not None:
        found.append(payments.c.status == wanted.status)
    found += _within(payments.c.amount, wanted.amount_min, wanted.amount_max)
    if wanted.opened_from is not None:
        found.append(payments.c.opened_at >= wanted.opened_from)
    if wanted.opened_before is not None:
        found.append(payments.c.opened_at < wanted.opened_before)
    return found


async def page(session: Session, narrowed: Narrowed, *, before: str | None, limit: int) -> Sequence[Payment]:
    """Return payments with their elements, newest first, those older than the payment `before`."""
    conditions = list(narrowed.conditions)
    if before is not None:
        place = tuple_(*await _place(session, before))
        conditions.append(tuple_(payments.c.opened_at, payments.c.id) < place)
    # A plan for any value would go through the whole log to find what there is little of.
    await session.execute(_EVERY_PLAN_ANEW)
    if narrowed.places is None:
        rows = await _all(session, _newest(conditions, limit))
    else:
        rows = await _at_places(session, conditions, narrowed.places, narrowed.cards, limit)
    return await with_elements(session, rows)


async def _at_places(
    session: Session, conditions: Sequence[ColumnElement[bool]], places: Select[Any],
    cards: Select[Any] | None, limit: int,
) -> Sequence[Row[Any]]:  # fmt: skip
    last = _newest(conditions, _LOOKED_THROUGH).subquery("last")
    fits: ColumnElement[bool] = last.c.place_id.in_(places)
    if cards is not None:
        fits = or_(fits, last.c.card_id.in_(cards))
    among_the_last = select(last).where(fits).order_by(last.c.opened_at.desc(), last.c.id.desc())
    rows = await _all(session, among_the_last.limit(limit))
    if len(rows) == limit or await _is_all_looked_through(session, conditions):
        return rows
    found = {
        row.id: row for row in await _all(session, _merged(conditions, payments.c.place_id, places, limit))
    }
    if cards is not None:
        by_card = await _all(session, _merged(conditions, payments.c.card_id, cards, limit))
        found.update((row.id, row) for row in by_card)
    return sorted(found.values(), key=lambda row: (row.opened_at, row.id), reverse=True)[:limit]


def _merged(
    conditions: Sequence[ColumnElement[bool]], column: ColumnElement[Any], keys: Select[Any], limit: int
) -> Select[Any]:
    # The newest payment of each key tells which keys can be on the page: no more than it has payments, none of
    # which is older than the oldest of these. So little is read, however many payments the keys have.
    key = keys.subquery("keys").c.key
    newest = _places_of(_newest([*conditions, column == key], 1)).lateral("newest")
    heads = (
        select(key, newest.c.opened_at, newest.c.id)
        .join(newest, true())
        .order_by(newest.c.opened_at.desc(), newest.c.id.desc())
        .limit(limit)
        .cte("heads")
    )
    oldest = select(case((func.count() == limit, func.min(heads.c.opened_at)), else_=_EVER)).scalar_subquery()
    of_key = [*conditions, column == heads.c.key, payments.c.opened_at >= oldest]
    top = _places_of(_newest(of_key, limit)).lateral("top")
    ids = select(top.c.id).select_from(heads).join(top, true())
    ids = ids.order_by(top.c.opened_at.desc(), top.c.id.desc()).limit(limit)
    return select(payments).where(payments.c.id.in_(ids))


def _newest(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    return select(payments).where(*conditions).order_by(*_NEWEST_FIRST).limit(limit)


def _places_of(query: Select[Any]) -> Select[Any]:
    # Where a payment stands in the log is in the index; the rest of it need not be read to compare.
    return query.with_only_columns(payments.c.opened_at, payments.c.id)


async def _is_all_looked_through(session: Session, conditions: Sequence[ColumnElement[bool]]) -> bool:
    further = _places_of(_newest(conditions, 1)).offset(_LOOKED_THROUGH)
    return (await session.execute(further)).first() is None


async def _all(session: Session, query: Select[Any]) -> Sequence[Row[Any]]:
    rows: Sequence[Row[Any]] = (await session.execute(query)).all()
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
