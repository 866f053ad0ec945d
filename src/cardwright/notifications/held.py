"""Letting go what waited for the end of quiet hours or for a digest: one message, however many they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications import store
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.domain import BUNDLED, Notification, bundle, release, withhold
from cardwright.notifications.planning import queue
from cardwright.notifications.preference_store import find_preferences

_MOST_IN_ONE: Final = 100
_MOST_AT_ONCE: Final = 200


async def release_held(work: Work) -> int:
    """Release what is due, one person and channel per transaction; return of how many."""
    for released in range(_MOST_AT_ONCE):
        async with work.transaction() as session:
            if not await _release_some(session, work.clock.now()):
                return released
    return _MOST_AT_ONCE


async def _release_some(session: Session, at: datetime) -> bool:
    due = await store.lock_due(session, at=at, limit=_MOST_IN_ONE)
    if not due:
        return False
    wanted = await _still_wanted(session, due)
    # A digest is one letter even of a single message; what quiet hours held alone goes out as it is.
    alone = [it for it in wanted if it.event_type == BUNDLED]
    rest = [it for it in wanted if it.event_type != BUNDLED]
    if len(rest) == 1 and rest[0].held_for == "quiet_hours":
        alone, rest = [*alone, *rest], []
    for notification in alone:
        await store.save_notification(session, release(notification, at))
    if rest:
        await _bundle(session, rest, at)
    return True


async def _still_wanted(session: Session, due: Sequence[Notification]) -> Sequence[Notification]:
    """Return what was not switched off meanwhile; withhold the rest."""
    preferences = await find_preferences(session, due[0].user_id)
    wanted = []
    for notification in due:
        entry = CATALOGUE[notification.event_type]
        is_off = preferences.setting_of(entry, notification.channel) == "off"
        if is_off and notification.event_type != BUNDLED:
            await store.save_notification(session, withhold(notification, "switched_off"))
        else:
            wanted.append(notification)
    return wanted


async def _bundle(session: Session, members: Sequence[Notification], at: datetime) -> None:
    first = members[0]
    whole = Notification(
        id=new_id("ntf"),
        program_id=first.program_id,
        user_id=first.user_id,
        event_id=new_id("evt"),
        event_type=BUNDLED,
        channel=first.channel,
        state="queued",
        facts={"count": len(members)},
        created_at=at,
    )
    await queue(session, whole)
    for member in members:
        await store.save_notification(session, bundle(member, whole.id))
