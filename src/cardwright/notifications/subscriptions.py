"""What the notifications listen to: every event of the catalogue, and what is asked of them."""

from typing import Final

from cardwright.db.jobs import Subscription
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.forgetting import forget_person
from cardwright.notifications.planning import plan, plan_all
from cardwright.notifications.previewing import TEST_REQUESTED, send_test
from cardwright.users import ERASED

SUBSCRIPTIONS: Final = (
    *(Subscription(f"notifications.plan.{it}", it, plan, at_once=plan_all) for it in CATALOGUE),
    Subscription("notifications.test", TEST_REQUESTED, send_test),
    Subscription("notifications.forget", ERASED, forget_person),
)
"""One subscription per type of event that people are told about, and those that test and forget."""
