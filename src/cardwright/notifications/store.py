"""The table of notifications, with its statements."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    any_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.notifications.device_store import remove_devices
from cardwright.notifications.domain import IN_DOUBT, Channel, HeldFor, Notification
from cardwright.notifications.inbox_store import remove_inbox, take_positions

notifications = Table(
    "notifications",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("event_id"),
    text("event_type"),
    text("channel"),
    text("state"),
    json("facts"),
    instant("created_at"),
    Column("attempts", Integer, nullable=False),
    instant("attempted_at", nullable=True),
    text("provider_reference", nullable=True),
    text("error_code", nullable=True),
    instant("sent_at", nullable=True),
    instant("due_at", nullable=True),
    text("held_for", nullable=True),
    reference("bundle_id", nullable=True),
    text("provider", nullable=True),
    instant("admitted_at", nullable=True),
    text("address_digest", nullable=True),
    text("text_digest", nullable=True),
    reference("resend_of", nullable=True),
    Column("inbox_position", BigInteger, nullable=True),
    instant("read_at", nullable=True),
    UniqueConstraint("event_id", "channel"),
    CheckConstraint(
        "(channel = 'in_app') = (inbox_position IS NOT NULL)"
        " AND (read_at IS NULL OR inbox_position IS NOT NULL)",
        name="inbox",
    ),
    CheckConstraint("channel IN ('email', 'sms', 'push', 'in_app')", name="channel"),
    CheckConstraint(
        "state IN ('held', 'queued', 'sending', 'unknown', 'sent', 'bundled', 'withheld', 'failed',"
        " 'undeliverable', 'delivered')",
        name="state",
    ),
    CheckConstraint(
        "(state <> 'held' OR due_at IS NOT NULL AND held_for IN ('quiet_hours', 'digest'))"
        " AND (state = 'bundled') = (bundle_id IS NOT NULL)",
        name="held",
    ),
)
Index("ix_notifications_user_id_id", notifications.c.user_id, notifications.c.id.desc())
Index(
    "ix_notifications_provider_reference",
    notifications.c.provider_reference,
    postgresql_where=notifications.c.provider_reference.is_not(None),
)
Index(
    "ix_notifications_failed",
    notifications.c.program_id,
    notifications.c.created_at,
    postgresql_where=notifications.c.state.in_(["failed", "undeliverable", "unknown", "withheld"]),
)
Index(
    "ix_notifications_due_at",
    notifications.c.due_at,
    postgresql_where=notifications.c.state == "held",
)
_SENDABLE: Final = notifications.c.state.in_(["queued", "sending", "unknown"])
Index(
    "ix_notifications_sendable", notifications.c.channel, notifications.c.due_at, postgresql_where=_SENDABLE
)
Index(
    "ix_notifications_admitted",
    notifications.c.user_id,
    notifications.c.admitted_at,
    postgresql_where=notifications.c.admitted_at.is_not(None),
)
Index(
    "ix_notifications_bundle_id",
    notifications.c.bundle_id,
    postgresql_where=notifications.c.bundle_id.is_not(None),
)
Index(
    "ix_notifications_address_digest",
    notifications.c.address_digest,
    postgresql_where=notifications.c.address_digest.is_not(None),
)

Index(
    "uq_notifications_inbox_position",
    notifications.c.user_id,
    notifications.c.inbox_position,
    unique=True,
    postgresql_where=notifications.c.inbox_position.is_not(None),
)
Index(
    "ix_notifications_unread",
    notifications.c.user_id,
    postgresql_where=sql("channel = 'in_app' AND read_at IS NULL"),
)

_CHANGING: Final = (
    "state", "attempts", "attempted_at", "provider_reference", "error_code", "sent_at", "due_at", "held_for",
    "bundle_id", "provider", "admitted_at", "address_digest", "text_digest",
)  # fmt: skip


# Statements that every message needs are made once: making one takes as long as asking the database.
_ADD: Final = (
    insert(notifications)
    .on_conflict_do_nothing(index_elements=["event_id", "channel"])
    .returning(notifications.c.id)
)
_IDS: Final = bindparam("ids", type_=ARRAY(Text))
_LOCK_ALL: Final = (
    select(notifications)
    .where(notifications.c.id == any_(_IDS))
    .order_by(notifications.c.id)
    .with_for_update()
)
_LOCK_DUE: Final = (
    select(notifications)
    .where(notifications.c.id == any_(_IDS), _SENDABLE, notifications.c.due_at <= bindparam("at"))
    .order_by(notifications.c.due_at, notifications.c.id)
    .with_for_update(skip_locked=True)
)
_DUE: Final = sql("""
SELECT due.id FROM unnest(CAST(:channels AS text[]), CAST(:rooms AS integer[])) AS room (channel, most)
CROSS JOIN LATERAL (
    SELECT id FROM notifications
    WHERE channel = room.channel AND state IN ('queued', 'sending', 'unknown') AND due_at <= :at
    ORDER BY due_at LIMIT room.most
) AS due
""")
_LOCK: Final = select(notifications).where(notifications.c.id == bindparam("id")).with_for_update()
_SAVE: Final = (
    update(notifications)
    .where(notifications.c.id == bindparam("notification_id"))
    .values({name: bindparam(name) for name in _CHANGING})
)


async def add_notifications(session: Session, new: Sequence[Notification]) -> Sequence[Notification]:
    """Store notifications; return those whose event was not yet told on their channel."""
    placed = await _placed(session, new)
    rows = [{column.name: getattr(it, column.name) for column in notifications.c} for it in placed]
    stored = set((await session.execute(_ADD, rows)).scalars()) if rows else set()
    return [it for it in placed if it.id in stored]


async def add_notification(session: Session, notification: Notification) -> bool:
    """Store a notification; False when its event was already told on its channel."""
    return bool(await add_notifications(session, [notification]))


async def _placed(session: Session, new: Sequence[Notification]) -> Sequence[Notification]:
    """Give what is for inboxes its place there, in the order given."""
    wanted = Counter((it.program_id, it.user_id) for it in new if it.channel == "in_app")
    if not wanted:
        return new
    last = await take_positions(session, wanted)
    places = {key: count(last[key[1]] - many + 1) for key, many in wanted.items()}
    return [
        replace(it, inbox_position=next(places[it.program_id, it.user_id])) if it.channel == "in_app" else it
        for it in new
    ]


async def find_due(session: Session, rooms: Mapping[Channel, int], *, at: datetime) -> Sequence[str]:
    """Return what is due on each channel, as far as there is room, and the oldest first."""
    rows = await session.execute(_DUE, {"channels": list(rooms), "rooms": list(rooms.values()), "at": at})
    return list(rows.scalars())


async def lock_due_ones(
    session: Session, notification_ids: Collection[str], *, at: datetime
) -> Sequence[Notification]:
    """Lock and return those of these messages that are still due and that nobody else has locked."""
    rows = await session.execute(_LOCK_DUE, {"ids": list(notification_ids), "at": at})
    return [notification_of(row) for row in rows]


async def take_turn(session: Session) -> None:
    """Wait until nobody else hands out messages: what is counted meanwhile stays so until we commit."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("notifications.due", 0))))


async def lock_notifications(session: Session, ids: Collection[str]) -> Mapping[str, Notification]:
    """Lock and return notifications by id."""
    rows = await session.execute(_LOCK_ALL, {"ids": list(ids)})
    return {row.id: notification_of(row) for row in rows}


async def find_notification_for_update(session: Session, notification_id: str) -> Notification | None:
    """Lock and return a notification."""
    row = (await session.execute(_LOCK, {"id": notification_id})).one_or_none()
    return None if row is None else notification_of(row)


async def find_notification_by_reference_for_update(
    session: Session, provider_reference: str
) -> Notification | None:
    """Lock and return the notification that a provider knows by this reference."""
    found = await session.execute(
        select(notifications)
        .where(notifications.c.provider_reference == provider_reference)
        .order_by(notifications.c.id)
        .limit(1)
        .with_for_update()
    )
    row = found.one_or_none()
    return None if row is None else notification_of(row)


async def is_alike_in_flight(session: Session, notification: Notification, *, since: datetime) -> bool:
    """Answer whether another message of the same words to the same address was begun since then."""
    found = await session.execute(
        select(notifications.c.id)
        .where(
            notifications.c.address_digest == notification.address_digest,
            notifications.c.text_digest == notification.text_digest,
            notifications.c.id != notification.id,
            notifications.c.state.in_(IN_DOUBT),
            notifications.c.attempted_at > since,
        )
        .limit(1)
    )
    return found.one_or_none() is not None


async def known_references(session: Session, address_digest: str, references: Sequence[str]) -> set[str]:
    """Return which of these references belong to messages to an address.

    Whoever asks for the same address waits until this transaction has ended.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address_digest, 0))))
    found = await session.execute(
        select(notifications.c.provider_reference).where(
            notifications.c.address_digest == address_digest,
            notifications.c.provider_reference.in_(references),
        )
    )
    return set(found.scalars())


async def save_notification(session: Session, notification: Notification) -> None:
    """Write what changes about a notification that the caller has locked."""
    await save_notifications(session, [notification])


async def save_notifications(session: Session, changed: Sequence[Notification]) -> None:
    """Write what changes about notifications that the caller has locked."""
    rows = [{"notification_id": it.id, **{name: getattr(it, name) for name in _CHANGING}} for it in changed]
    if rows:
        await session.execute(_SAVE, rows)


async def note_provider(session: Session, notification_id: str, provider: str) -> None:
    """Note who is asked to send a message that is being sent."""
    await session.execute(
        update(notifications)
        .where(notifications.c.id == notification_id, notifications.c.state == "sending")
        .values(provider=provider)
    )


async def list_bundled(session: Session, bundle_id: str) -> Sequence[Notification]:
    """Return the messages that one message tells, oldest first."""
    rows = await session.execute(
        select(notifications).where(notifications.c.bundle_id == bundle_id).order_by(notifications.c.id)
    )
    return [notification_of(row) for row in rows]


async def lock_due(session: Session, *, at: datetime, limit: int) -> Sequence[Notification]:
    """Lock and return what is due of one person on one channel, oldest first; nothing when nothing is.

    One transaction at a time does so; the next one waits until it has ended.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("notifications.held", 0))))
    is_due = (notifications.c.state == "held") & (notifications.c.due_at <= at)
    oldest = await session.execute(
        select(notifications.c.user_id, notifications.c.channel)
        .where(is_due)
        .order_by(notifications.c.due_at, notifications.c.id)
        .limit(1)
    )
    first = oldest.one_or_none()
    if first is None:
        return ()
    rows = await session.execute(
        select(notifications)
        .where(is_due, notifications.c.user_id == first.user_id, notifications.c.channel == first.channel)
        .order_by(notifications.c.id)
        .limit(limit)
        .with_for_update()
    )
    return [notification_of(row) for row in rows]


async def hold_until(session: Session, user_id: str, held_for: HeldFor, due_at: datetime) -> None:
    """Let all that is held for a person for one reason be due at another instant."""
    is_held = (notifications.c.state == "held") & (notifications.c.held_for == held_for)
    await session.execute(
        update(notifications).where(notifications.c.user_id == user_id, is_held).values(due_at=due_at)
    )


async def find_notification(session: Session, notification_id: str) -> Notification | None:
    """Return a notification."""
    row = (
        await session.execute(select(notifications).where(notifications.c.id == notification_id))
    ).one_or_none()
    return None if row is None else notification_of(row)


async def list_in_app(
    session: Session, user_id: str, *, before_id: str | None, limit: int
) -> Sequence[Notification]:
    """Return a person's in-app notifications older than `before_id`, newest first."""
    wanted = select(notifications).where(
        notifications.c.user_id == user_id, notifications.c.channel == "in_app"
    )
    if before_id is not None:
        wanted = wanted.where(notifications.c.id < before_id)
    rows = await session.execute(wanted.order_by(notifications.c.id.desc()).limit(limit))
    return [notification_of(row) for row in rows]


def notification_of(row: Row[Any]) -> Notification:
    """Return the notification that a row is."""
    return Notification(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


async def remove_everything_of(session: Session, user_id: str) -> None:
    """Forget what a person was told and where push messages went."""
    await session.execute(delete(notifications).where(notifications.c.user_id == user_id))
    await remove_devices(session, user_id)
    await remove_inbox(session, user_id)
