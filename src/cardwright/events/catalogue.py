"""Every type of event that somebody may rely on, and those that are ours alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cardwright.events.domain import EventType
from cardwright.events.types import accounts, cards, identity, money, payments, webhooks

CATALOGUE: Final[Mapping[str, EventType]] = MappingProxyType(
    {
        it.name: it
        for area in (accounts.TYPES, identity.TYPES, cards.TYPES, payments.TYPES, money.TYPES, webhooks.TYPES)
        for it in area
    }
)
"""The types of events by name; only they are recorded, shown and delivered."""

_QUEUE: Final = "Orders work of our own worker; what comes of it has an event of its own."
INTERNAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "authentication.code_resend_requested": "Asked by anybody, of an account that may not exist.",
        "authentication.email_code_requested": "Has a code sent; the change itself is announced.",
        "authentication.password_reset_requested": "Asked by anybody, of an account that may not exist.",
        "authentication.sign_in_refused_often": "May be about nobody; a lock is announced.",
        "authentication.verification_requested": "Has a code sent to somebody who has no account yet.",
        "backtests.requested": _QUEUE,
        "cards.batch_requested": _QUEUE,
        "cards.card_requested": "Orders a card at the processor; its issue is announced.",
        "cards.card_state_changed": "Orders the processor to follow; what changed is announced beside it.",
        "cards.program_limits_changed": "Orders the processor to follow, some cards at a time.",
        "challenges.approver_asked": "About an address that may be nobody's.",
        "challenges.challenge_decided": "Orders the answer to be delivered; only that decides.",
        "funding.payment_method_requested": _QUEUE,
        "funding.refund_requested": _QUEUE,
        "funding.top_up_cancel_requested": _QUEUE,
        "funding.top_up_requested": _QUEUE,
        "inbox.received": "What a vendor told, before anybody understood it.",
        "notifications.address_confirmation_requested": "Has a link sent to an address that bounced.",
        "notifications.bundled": "Names a message that tells several; what they tell is announced.",
        "notifications.test_requested": "Has a sample sent to the member of staff who asked.",
        "reconciliation.repair_requested": _QUEUE,
        "reconciliation.run_requested": _QUEUE,
        "users.phone_code_requested": "Has a code sent; that the number is proven is announced.",
        "webhooks.replay_requested": _QUEUE,
        "webhooks.test": "Posted to an endpoint that is tried out; nothing happened.",
    }
)
"""Types that are neither recorded nor shown, and why."""
