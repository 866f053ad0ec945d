"""What webhooks listen to besides the stream of events: replays that were asked for, people who left."""

from collections.abc import Sequence
from typing import Final

from cardwright.db.jobs import Subscription
from cardwright.db.session import Session
from cardwright.events import RecordedEvent
from cardwright.users import ERASED
from cardwright.webhooks import queue_store
from cardwright.webhooks.replaying import REPLAY_REQUESTED, run_replay
from cardwright.webhooks.sweeping import forget_person

SUBSCRIPTIONS: Final = (
    Subscription("webhooks.replay", REPLAY_REQUESTED, run_replay),
    Subscription("webhooks.forget", ERASED, forget_person),
)


async def queue_deliveries(session: Session, recorded: Sequence[RecordedEvent]) -> None:
    """Make a delivery for every event and every endpoint that hears of it, in one statement.

    Events that were queued before are not queued again.
    """
    await queue_store.add_deliveries(session, recorded)
