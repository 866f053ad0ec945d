"""The table of what people chose, with its statements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Column, Integer, Row, Table, Text, Time, cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.notifications.choices import NO_CHOICES, Preferences, Setting
from cardwright.notifications.domain import Channel
from cardwright.notifications.quiet import DigestTimes, QuietHours

preferences = Table(
    "notification_preferences",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    json("settings"),
    Column("quiet_start", Time, nullable=True),
    Column("quiet_end", Time, nullable=True),
    text("digest_cadence", nullable=True),
    Column("digest_hour", Integer, nullable=True),
    Column("digest_weekday", Integer, nullable=True),
    instant("updated_at"),
    CheckConstraint(
        "(quiet_start IS NULL) = (quiet_end IS NULL) AND quiet_start <> quiet_end", name="quiet_hours"
    ),
    CheckConstraint(
        "CASE WHEN digest_cadence IS NULL THEN digest_hour IS NULL AND digest_weekday IS NULL"
        " ELSE digest_cadence IN ('daily', 'weekly') AND digest_hour BETWEEN 0 AND 23"
        " AND digest_weekday BETWEEN 0 AND 6 END",
        name="digest",
    ),
)
_BETWEEN: Final = "|"


async def find_preferences(session: Session, user_id: str) -> Preferences:
    """Return what a person chose; nothing chosen is all by default."""
    return (await preferences_of(session, [user_id])).get(user_id, NO_CHOICES)


async def preferences_of(session: Session, user_ids: Collection[str]) -> Mapping[str, Preferences]:
    """Return what people chose, by user id, of those who chose something."""
    rows = await session.execute(select(preferences).where(preferences.c.user_id.in_(user_ids)))
    return {row.user_id: _preferences(row) for row in rows}


async def save_preferences(
    session: Session, program_id: str, user_id: str, chosen: Preferences, *, at: datetime
) -> None:
    """Replace what a person chose."""
    quiet, digest = chosen.quiet_hours, chosen.digest
    values: dict[str, Any] = {
        "settings": _written(chosen.settings),
        "quiet_start": quiet and quiet.start,
        "quiet_end": quiet and quiet.end,
        "digest_cadence": digest and digest.cadence,
        "digest_hour": digest and digest.hour,
        "digest_weekday": digest and digest.weekday,
        "updated_at": at,
    }
    await session.execute(
        insert(preferences)
        .values(user_id=user_id, program_id=program_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


async def add_settings(
    session: Session,
    program_id: str,
    user_id: str,
    settings: Mapping[tuple[str, Channel], Setting],
    *,
    at: datetime,
    dropping: Iterable[tuple[str, Channel]] = (),
) -> None:
    """Change some choices, drop some and leave the others, whatever happens to them at the same time."""
    row = insert(preferences).values(
        user_id=user_id, program_id=program_id, settings=_written(settings), updated_at=at
    )
    dropped = [_key(topic, channel) for topic, channel in dropping]
    left = preferences.c.settings.op("-")(cast(dropped, ARRAY(Text)))
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["user_id"],
            set_={"settings": left.op("||")(row.excluded.settings), "updated_at": at},
        )
    )


async def remove_preferences(session: Session, user_id: str) -> None:
    """Forget what a person chose."""
    await session.execute(delete(preferences).where(preferences.c.user_id == user_id))


def _written(settings: Mapping[tuple[str, Channel], Setting]) -> dict[str, str]:
    return {_key(topic, channel): setting for (topic, channel), setting in settings.items()}


def _key(topic: str, channel: Channel) -> str:
    return f"{topic}{_BETWEEN}{channel}"


def _preferences(row: Row[Any]) -> Preferences:
    settings: dict[tuple[str, Channel], Setting] = {}
    for key, setting in row.settings.items():
        topic, _, channel = key.partition(_BETWEEN)
        settings[topic, channel] = setting
    quiet = None if row.quiet_start is None else QuietHours(row.quiet_start, row.quiet_end)
    digest = (
        None
        if row.digest_cadence is None
        else DigestTimes(row.digest_cadence, row.digest_hour, row.digest_weekday)
    )
    return Preferences(settings, quiet, digest)
