"""What limits have used: sums and counts over the payments of a card's chain, or of a customer.

A holder who moves is held to the limits in both time zones, the strictest wins, until the window of the zone
that was left has ended: nobody's window starts anew earlier because they say that they live elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FrameClause, FrameClauseType, Integer, cast, func, or_, select

from cardwright import merchants
from cardwright.cards import (
    AppliedLimit,
    Card,
    Hours,
    Limit,
    Measure,
    Scope,
    Selection,
    Uses,
    Window,
    window_bounds,
)
from cardwright.db.session import Session
from cardwright.payments.store import payments
from cardwright.users import TimeZones

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a limit has used, in minor units or payments; when that changes by itself; by which clock."""

    used: int
    resets_at: datetime | None
    zone: ZoneInfo


def zones_counting(limit: Limit, zones: TimeZones, at: datetime) -> Sequence[ZoneInfo]:
    """Return the present zone, and those that were left since their window around `at` began."""
    if limit.window is Window.PER_AUTHORIZATION:
        return [zones.present]
    reach = timedelta(seconds=limit.span_seconds or 0)
    found = {_counted_alike(limit, zones.present, at): zones.present}
    for zone, left_at in zones.left:
        start = at - reach if limit.window is Window.ROLLING else window_bounds(limit.window, at, zone)[0]
        if start is None or start < left_at:
            found.setdefault(_counted_alike(limit, zone, at), zone)
    return list(found.values())


def _counted_alike(limit: Limit, zone: ZoneInfo, at: datetime) -> tuple[object, ...]:
    # Two zones of one midnight count the same, unless hours tell purchases apart.
    return (*window_bounds(limit.window, at, zone), zone.key if limit.only.hours else None)


async def usage(
    session: Session, card: Card, applied: AppliedLimit, zones: Sequence[ZoneInfo], *, at: datetime,
    so_far: int = 0,
) -> Usage:  # fmt: skip
    """Return the most that a limit has used in the windows of some zones around `at`.

    `so_far` is what one payment counts already.
    """
    found = [await _usage(session, card, applied, zone, at, so_far) for zone in zones]
    return max(found, key=lambda usage: (usage.used, usage.resets_at or at))


async def _usage(
    session: Session, card: Card, applied: AppliedLimit, zone: ZoneInfo, at: datetime, so_far: int
) -> Usage:
    limit = applied.limit
    if limit.window is Window.PER_AUTHORIZATION:
        return Usage(so_far, None, zone)
    counting = await _counting(session, card, applied, zone)
    if limit.window is Window.ROLLING:
        return Usage(*await _rolling(session, counting, limit, at), zone)
    start, end = window_bounds(limit.window, at, zone)
    total = select(func.coalesce(_total(limit), 0)).where(*counting, *_between(start, end))
    return Usage(int((await session.execute(total)).scalar_one()), end, zone)


async def counting_payment_ids(
    session: Session, card: Card, applied: AppliedLimit, zone: ZoneInfo, *, at: datetime, limit: int
) -> Sequence[str]:
    """Return the newest payments that a limit counts in the window around `at`."""
    window = applied.limit.window
    if window is Window.PER_AUTHORIZATION:
        return ()
    start, end = window_bounds(window, at, zone)
    if window is Window.ROLLING:
        start = at - timedelta(seconds=applied.limit.span_seconds or 0) + _TICK
    query = (
        select(payments.c.id)
        .where(*await _counting(session, card, applied, zone), *_between(start, end))
        .order_by(payments.c.id.desc())
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def uses(session: Session, card: Card, *, but: str) -> int:
    """Return how many purchases a card and all it replaces were used for, one payment left out.

    A payment is a use while it holds or has cleared money, and when it expired, as it may still clear.
    """
    query = select(func.count()).where(*_used_by(card), payments.c.id != but)
    return (await session.execute(query)).scalar_one()


async def uses_of(session: Session, root_card_ids: Sequence[str]) -> Mapping[str, Uses]:
    """Return how often chains of cards were used, and whether any of their payments holds money."""
    query = (
        select(payments.c.root_card_id, func.count().filter(_is_use()), func.bool_or(payments.c.held > 0))
        .where(payments.c.root_card_id.in_(root_card_ids))
        .group_by(payments.c.root_card_id)
    )
    return {root: Uses(used, is_holding) for root, used, is_holding in await session.execute(query)}


async def use_payment_ids(session: Session, card: Card, *, limit: int) -> Sequence[str]:
    """Return the newest payments that are uses of a card or of one that it replaces."""
    query = select(payments.c.id).where(*_used_by(card)).order_by(payments.c.id.desc()).limit(limit)
    return (await session.execute(query)).scalars().all()


def _used_by(card: Card) -> tuple[ColumnElement[bool], ...]:
    return (payments.c.root_card_id == card.root_card_id, _is_use())


def _is_use() -> ColumnElement[bool]:
    return or_(payments.c.counted > 0, payments.c.status == "expired")


async def _rolling(
    session: Session, counting: Sequence[ColumnElement[bool]], limit: Limit, at: datetime
) -> tuple[int, datetime | None]:
    # More asked for an older payment counts in every window that this payment lies in, also in those that end
    # at later payments: the fullest of them decides.
    reach = timedelta(seconds=limit.span_seconds or 0) - _TICK
    frame = FrameClause(reach, None, FrameClauseType.PRECEDING, FrameClauseType.CURRENT)
    windows = (
        select(
            payments.c.opened_at,
            _counted(limit).label("counted"),
            func.sum(_counted(limit)).over(order_by=payments.c.opened_at, range_=frame).label("total"),
        )
        .where(*counting, payments.c.opened_at >= at - reach, payments.c.opened_at <= at + reach)
        .subquery()
    )
    before = func.coalesce(func.sum(windows.c.counted).filter(windows.c.opened_at <= at), 0)
    fullest = func.coalesce(func.max(windows.c.total).filter(windows.c.opened_at >= at), 0)
    oldest = func.min(windows.c.opened_at).filter(windows.c.counted > 0)
    row = (await session.execute(select(func.greatest(before, fullest), oldest))).one()
    return int(row[0]), None if row[1] is None else row[1] + reach + _TICK


async def _counting(
    session: Session, card: Card, applied: AppliedLimit, zone: ZoneInfo
) -> list[ColumnElement[bool]]:
    is_of_card = applied.scope in (Scope.CARD, Scope.FIXED)
    whose = payments.c.root_card_id == card.root_card_id if is_of_card else payments.c.user_id == card.user_id
    only = applied.limit.only
    if only.merchants:
        only = replace(only, merchants=tuple(await merchants.family(session, only.merchants)))
    return [whose, payments.c.counted > 0, *_selected(only, zone)]


def _selected(only: Selection, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if only.categories:
        found.append(or_(payments.c.mcc.in_(only.categories), payments.c.merchant_group.in_(only.categories)))
    if only.merchants:
        found.append(payments.c.merchant_id.in_(only.merchants))
    if only.countries:
        found.append(payments.c.merchant_country.in_(only.countries))
    if only.channels:
        found.append(payments.c.channel.in_(only.channels))
    if only.hours:
        found.append(or_(*(_within(Hours.parse(text), zone) for text in only.hours)))
    return found


def _within(hours: Hours, zone: ZoneInfo) -> ColumnElement[bool]:
    local = func.timezone(zone.key, payments.c.opened_at)
    weekday = cast(func.extract("isodow", local), Integer)
    minute = cast(func.extract("hour", local) * 60 + func.extract("minute", local), Integer)
    if hours.start_minute < hours.end_minute:
        return weekday.in_(hours.weekdays) & minute.between(hours.start_minute, hours.end_minute - 1)
    tomorrows = [day % 7 + 1 for day in hours.weekdays]
    return (weekday.in_(hours.weekdays) & (minute >= hours.start_minute)) | (
        weekday.in_(tomorrows) & (minute < hours.end_minute)
    )


def _between(start: datetime | None, end: datetime | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if start is not None:
        found.append(payments.c.opened_at >= start)
    if end is not None:
        found.append(payments.c.opened_at < end)
    return found


def _counted(limit: Limit) -> ColumnElement[int]:
    return payments.c.counted if limit.measure is Measure.AMOUNT else func.sign(payments.c.counted)


def _total(limit: Limit) -> ColumnElement[int]:
    return func.sum(payments.c.counted) if limit.measure is Measure.AMOUNT else func.count()
