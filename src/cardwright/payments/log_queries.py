"""Statements that read the log: conditions that an index answers, and the page after a payment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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

_LOOKED_THROUGH: Final = 1_000
"""What is common is found in so many of the log's last payments; only what is not is looked for by place."""
_EVERY_PLAN_ANEW: Final = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
_NEWEST_FIRST: Final = (payments.c.opened_at.desc(), payments.c.id.desc())
_EVER: Final = cast(literal("-infinity"), DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What must hold of a payment to be listed; queries give ids in the column `key`.

    Where there are `places`, it was made at one of them. As a text may mean a card's digits, it may also
    have been made with one of the `cards`, at any place or at one of the `places_of_cards`.
    """

    conditions: Sequence[ColumnElement[bool]]
    places: Select[Any] | None = None
    cards: Select[Any] | None = None
    places_of_cards: Select[Any] | None = None


def conditions(viewer: Viewer, wanted: LogFilter, *, card_ids: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return what must hold of a payment's own columns.

    `card_ids` are the card wanted and those it took the place of.
    """
    if viewer.owner_id is None:
        found = [payments.c.program_id == viewer.program_id]
    else:
        found = [payments.c.user_id == viewer.owner_id]
    if wanted.user_id is not None:
        found.append(payments.c.user_id == wanted.user_id)
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
    narrowed = replace(narrowed, conditions=conditions)
    if narrowed.places is None:
        rows = await _shown(session, _stands_in(_newest(conditions, limit)))
    else:
        rows = await _at_places(session, narrowed, narrowed.places, limit)
    return await with_elements(session, rows)


async def _at_places(
    session: Session, narrowed: Narrowed, places: Select[Any], limit: int
) -> Sequence[Row[Any]]:
    seen, among_the_last = await _among_the_last(session, narrowed, places, limit)
    if seen < _LOOKED_THROUGH or len(among_the_last) == limit:
        return await _shown(session, payments.c.id.in_(among_the_last))
    pages = [_merged(narrowed.conditions, payments.c.place_id, places, limit)]
    if narrowed.cards is not None and narrowed.places_of_cards is None:
        pages.append(_merged(narrowed.conditions, payments.c.card_id, narrowed.cards, limit))
    elif narrowed.cards is not None and narrowed.places_of_cards is not None:
        with_them = [*narrowed.conditions, payments.c.card_id.in_(narrowed.cards)]
        pages.append(_merged(with_them, payments.c.place_id, narrowed.places_of_cards, limit))
    found = {row.id: row for page in pages for row in await _shown(session, _stands_in(page))}
    return sorted(found.values(), key=lambda row: (row.opened_at, row.id), reverse=True)[:limit]


async def _among_the_last(
    session: Session, narrowed: Narrowed, places: Select[Any], limit: int
) -> tuple[int, Sequence[str]]:
    """Return how many payments were looked through, and the ids of those that fit."""
    last = _newest(narrowed.conditions, _LOOKED_THROUGH).cte("last")
    where = select(payments.c.id, payments.c.opened_at, payments.c.place_id, payments.c.card_id)
    # Kept apart: PostgreSQL would rather list all that was ever paid at the places.
    looked = where.join(last, last.c.id == payments.c.id).cte("looked").prefix_with("MATERIALIZED")
    fits: ColumnElement[bool] = looked.c.place_id.in_(places)
    if narrowed.cards is not None:
        by_card: ColumnElement[bool] = looked.c.card_id.in_(narrowed.cards)
        if narrowed.places_of_cards is not None:
            by_card &= looked.c.place_id.in_(narrowed.places_of_cards)
        fits = or_(fits, by_card)
    fitting = select(looked.c.id).where(fits).order_by(looked.c.opened_at.desc(), looked.c.id.desc())
    seen = select(func.count()).select_from(looked).scalar_subquery()
    row = (await session.execute(select(seen, func.array(fitting.limit(limit).scalar_subquery())))).one()
    return row[0], row[1]


def _merged(
    conditions: Sequence[ColumnElement[bool]], column: ColumnElement[Any], keys: Select[Any], limit: int
) -> Select[Any]:
    # The newest payment of each key tells which keys can be on the page: as many as it has lines, and nothing
    # of theirs that is older than the oldest of these. So little is read, however many payments keys have.
    key = keys.subquery("keys").c.key
    newest = _newest([*conditions, column == key], 1).lateral("newest")
    heads = (
        select(key, newest.c.opened_at, newest.c.id)
        .join(newest, true())
        .order_by(newest.c.opened_at.desc(), newest.c.id.desc())
        .limit(limit)
        .cte("heads")
    )
    oldest = select(case((func.count() == limit, func.min(heads.c.opened_at)), else_=_EVER)).scalar_subquery()
    of_key = [*conditions, column == heads.c.key, payments.c.opened_at >= oldest]
    top = _newest(of_key, limit).lateral("top")
    found = select(top.c.opened_at, top.c.id).select_from(heads).join(top, true())
    return found.order_by(top.c.opened_at.desc(), top.c.id.desc()).limit(limit)


def _newest(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    # Where payments stand in the log, and nothing that indexes do not have: those passed over are not read.
    standing = select(payments.c.opened_at, payments.c.id).where(*conditions)
    return standing.order_by(*_NEWEST_FIRST).limit(limit)


def _stands_in(page: Select[Any]) -> ColumnElement[bool]:
    return payments.c.id.in_(select(page.subquery("page").c.id))


async def _shown(session: Session, chosen: ColumnElement[bool]) -> Sequence[Row[Any]]:
    query = select(payments).where(chosen).order_by(*_NEWEST_FIRST)
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
