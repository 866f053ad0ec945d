"""What authentication does in the background, so that requests about any address cost the same."""

from typing import Final

from cardwright.authentication.locks import OFTEN_REFUSED, tell_of_lock
from cardwright.authentication.registration import RESEND_REQUESTED, resend_requested_code
from cardwright.authentication.resets import REQUESTED, issue_reset
from cardwright.db.jobs import Subscription

SUBSCRIPTIONS: Final = (
    Subscription("authentication.issue_reset", REQUESTED, issue_reset),
    Subscription("authentication.resend_code", RESEND_REQUESTED, resend_requested_code),
    Subscription("authentication.tell_of_lock", OFTEN_REFUSED, tell_of_lock),
)
