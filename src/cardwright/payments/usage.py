"""What limits have used: sums and counts over the payments of a card's chain, or of a customer.

A holder who moves is held to the limits in both time zones, the strictest wins, until the window of the zone
that was left has ended: nobody's window starts anew earlier because they say that they live elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    FrameClause,
    FrameClauseType,
    Integer,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
)

from cardwright import merchants
from cardwright.cards import (
    AppliedLimit,
    Card,
    Dimension,
    Hours,
    Limit,
    Measure,
    Scope,
    Uses,
    Window,
    window_bounds,
)
from cardwright.db.session import Session
from cardwright.db.together import joinable, together
from cardwright.payments.store import payments
from cardwright.users import TimeZones

_MOST_KEPT: Final = 256
_TICK: Final = timedelta(microseconds=1)
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_SELECTED: Final[Mapping[Dimension, Column[Any]]] = {
    Dimension.MERCHANTS: payments.c.merchant_id,
    Dimension.COUNTRIES: payments.c.merchant_country,
    Dimension.CHANNELS: payments.c.channel,
}


def _is_use() -> ColumnElement[bool]:
    return or_(payments.c.counted > 0, payments.c.status == "expired")


def _used_by() -> tuple[ColumnElement[bool], ...]:
    return payments.c.root_card_id == bindparam("root"), _is_use()


_USES: Final = joinable(select(func.count()).where(*_used_by(), payments.c.id != bindparam("but")))


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
    found = await together(session, *(_usage(session, card, applied, zone, at, so_far) for zone in zones))
    return max(found, key=lambda usage: (usage.used, usage.resets_at or at))


async def _usage(
    session: Session, card: Card, applied: AppliedLimit, zone: ZoneInfo, at: datetime, so_far: int
) -> Usage:
    limit = applied.limit
    if limit.window is Window.PER_AUTHORIZATION:
        return Usage(so_far, None, zone)
    asked = await _asked(session, card, applied, zone)
    if limit.window is Window.ROLLING:
        return Usage(*await _rolling(session, asked, limit, at), zone)
    start, end = window_bounds(limit.window, at, zone)
    total = await session.execute(_total_of(asked.counting), {**asked.values, **_between(start, end)})
    return Usage(int(total.scalar_one()), end, zone)


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
    asked = await _asked(session, card, applied, zone)
    query = select(payments.c.id).where(*_conditions(asked.counting), *_within_bounds())
    rows = await session.execute(
        query.order_by(payments.c.id.desc()).limit(limit), {**asked.values, **_between(start, end)}
    )
    return rows.scalars().all()


async def uses(session: Session, card: Card, *, but: str) -> int:
    """Return how many purchases a card and all it replaces were used for, one payment left out.

    A payment is a use while it holds or has cleared money, and when it expired, as it may still clear.
    """
    used: int = (await session.execute(_USES, {"root": card.root_card_id, "but": but})).scalar_one()
    return used


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
    query = select(payments.c.id).where(*_used_by()).order_by(payments.c.id.desc()).limit(limit)
    return (await session.execute(query, {"root": card.root_card_id})).scalars().all()


@dataclass(frozen=True, slots=True)
class _Counting:
    """What makes one limit's statement another than another's; the same limit of everybody shares one."""

    is_of_card: bool
    measure: Measure
    selects: frozenset[Dimension]
    hours: tuple[str, ...] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    counting: _Counting
    values: Mapping[str, Any]


async def _asked(session: Session, card: Card, applied: AppliedLimit, zone: ZoneInfo) -> _Asked:
    only = applied.limit.only
    if only.merchants:
        only = replace(only, merchants=tuple(await merchants.family(session, only.merchants)))
    is_of_card = applied.scope in (Scope.CARD, Scope.FIXED)
    selects = [it for it in Dimension if it is not Dimension.HOURS and only.values(it)]
    counting = _Counting(
        is_of_card, applied.limit.measure, frozenset(selects), tuple(only.hours),
        zone.key if only.hours else None,
    )  # fmt: skip
    whose = card.root_card_id if is_of_card else card.user_id
    return _Asked(counting, {"whose": whose, **{str(it): list(only.values(it)) for it in selects}})


@lru_cache(_MOST_KEPT)
def _total_of(counting: _Counting) -> Select[Any]:
    total = func.coalesce(func.sum(_counted(counting.measure)), 0)
    return joinable(select(total.label("used")).where(*_conditions(counting), *_within_bounds()))


async def _rolling(
    session: Session, asked: _Asked, limit: Limit, at: datetime
) -> tuple[int, datetime | None]:
    reach = timedelta(seconds=limit.span_seconds or 0) - _TICK
    bounds = {"at": at, "since": at - reach, "until": at + reach}
    row = (await session.execute(_fullest_of(asked.counting, reach), {**asked.values, **bounds})).one()
    return int(row[0]), None if row[1] is None else row[1] + reach + _TICK


@lru_cache(_MOST_KEPT)
def _fullest_of(counting: _Counting, reach: timedelta) -> Select[Any]:
    # More asked for an older payment counts in every window that this payment lies in, also in those that end
    # at later payments: the fullest of them decides.
    counted, at = _counted(counting.measure), bindparam("at", type_=payments.c.opened_at.type)
    frame = FrameClause(reach, None, FrameClauseType.PRECEDING, FrameClauseType.CURRENT)
    windows = (
        select(
            payments.c.opened_at,
            counted.label("counted"),
            func.sum(counted).over(order_by=payments.c.opened_at, range_=frame).label("total"),
        )
        .where(
            *_conditions(counting),
            payments.c.opened_at >= bindparam("since"),
            payments.c.opened_at <= bindparam("until"),
        )
        .subquery()
    )
    before = func.coalesce(func.sum(windows.c.counted).filter(windows.c.opened_at <= at), 0)
    fullest = func.coalesce(func.max(windows.c.total).filter(windows.c.opened_at >= at), 0)
    oldest = func.min(windows.c.opened_at).filter(windows.c.counted > 0)
    return joinable(select(func.greatest(before, fullest).label("used"), oldest.label("oldest")))


def _conditions(counting: _Counting) -> list[ColumnElement[bool]]:
    whose = payments.c.root_card_id if counting.is_of_card else payments.c.user_id
    found = [whose == bindparam("whose"), payments.c.counted > 0]
    if Dimension.CATEGORIES in counting.selects:
        wanted = _any(Dimension.CATEGORIES)
        found.append(or_(payments.c.mcc == wanted, payments.c.merchant_group == wanted))
    found += [column == _any(it) for it, column in _SELECTED.items() if it in counting.selects]
    if counting.hours and counting.zone:
        zone = ZoneInfo(counting.zone)
        found.append(or_(*(_within(Hours.parse(text), zone) for text in counting.hours)))
    return found


def _any(dimension: Dimension) -> Any:
    return any_(bindparam(str(dimension), type_=ARRAY(Text)))


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


def _within_bounds() -> Sequence[ColumnElement[bool]]:
    return payments.c.opened_at >= bindparam("since"), payments.c.opened_at < bindparam("until")


def _between(start: datetime | None, end: datetime | None) -> Mapping[str, datetime]:
    return {"since": start or _EVER, "until": end or _NEVER}


def _counted(measure: Measure) -> ColumnElement[int]:
    return payments.c.counted if measure is Measure.AMOUNT else func.sign(payments.c.counted)
