"""When somebody wants no messages, and when they want them all at once: by the clock on their wall. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

Cadence: TypeAlias = Literal["daily", "weekly"]
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until before `end` in whole minutes, over midnight when the end comes first.

    Both are what the person's clock shows, so that a night in which it is set back is an hour longer, and
    what it shows twice is quiet twice. ValueError when they are the same.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("Quiet hours begin and end at different times.")

    def covers(self, clock: time) -> bool:
        """Answer whether it is quiet while the clock shows this.

        >>> [QuietHours(time(22), time(7)).covers(time(hour)) for hour in (21, 22, 3, 7)]
        [False, True, True, False]
        """
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclass(frozen=True, slots=True)
class DigestTimes:
    """When a digest is sent: each day at `hour`, or each week on `weekday` (0 is Monday) at `hour`."""

    cadence: Cadence
    hour: int = 8
    weekday: int = 0


def quiet_until(hours: QuietHours | None, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Return the first full minute at which quiet hours are over; None when it is not quiet."""
    if hours is None or not hours.covers(_clock(at, zone)):
        return None
    # Counted on, as the clock may be set forward or back in between; a zone's offset is one of whole minutes.
    moment = at.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    while hours.covers(_clock(moment, zone)):
        moment += _MINUTE
    return moment


def next_digest(times: DigestTimes, zone: ZoneInfo, after: datetime) -> datetime:
    """Return when the next digest is due: later than `after`, and once on each of its days.

    Where the clock skips the hour, it is due as much later; where it shows the hour twice, at the first.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        if times.cadence == "daily" or day.weekday() == times.weekday:
            due = _instant(day, times.hour, zone)
            if due > after:
                return due
        day += timedelta(days=1)


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def _clock(at: datetime, zone: ZoneInfo) -> time:
    return at.astimezone(zone).time()
