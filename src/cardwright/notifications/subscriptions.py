"""What the notifications listen to: every event of the catalogue, and their own queue."""

from typing import Final

from cardwright.db.jobs import Subscription
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.dispatch import send_queued
from cardwright.notifications.forgetting import forget_person
from cardwright.notifications.planning import QUEUED, plan
from cardwright.notifications.previewing import TEST_REQUESTED, send_test
from cardwright.users import ERASED

SUBSCRIPTIONS: Final = (
    *(Subscription(f"notifications.plan.{event_type}", event_type, plan) for event_type in CATALOGUE),
    Subscription("notifications.send", QUEUED, send_queued),
    Subscription("notifications.test", TEST_REQUESTED, send_test),
    Subscription("notifications.forget", ERASED, forget_person),
)
"""One subscription per type of event that people are told about, and those that send, test and forget."""
