"""Which slice an event of Stripe concerns. Each reads the object anew, so order does not matter."""

from collections.abc import Awaitable, Callable
from typing import Final

from cardwright import cards, disputes, funding, kyc, payments
from cardwright.db import inbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event

_HANDLERS: Final[tuple[tuple[str, Callable[[Work, str], Awaitable[None]]], ...]] = (
    ("identity.verification_session.", kyc.refresh_verification),
    ("payment_intent.", funding.refresh_top_up),
    ("setup_intent.", funding.refresh_setup),
    ("payment_method.", funding.refresh_method),
    ("charge.dispute.", funding.refresh_dispute),
    ("charge.refund.", funding.refresh_refund),
    ("refund.", funding.refresh_refund),
    ("issuing_card.", cards.refresh_card),
    ("issuing_cardholder.", cards.refresh_holder),
    ("issuing_authorization.", payments.refresh_authorization),
    ("issuing_dispute.", disputes.refresh_dispute),
    ("issuing_transaction.", payments.refresh_transaction),
)


async def handle(work: Work, event: Event) -> None:
    """Handle a stored webhook of Stripe once; types that concern nobody are only marked."""
    if event.payload["source"] != "stripe":
        return
    async with work.transaction() as session:
        message = await inbox.find(session, event.subject_id)
    if message is None:
        return
    object_id = message.payload["object_id"]
    for prefix, refresh in _HANDLERS:
        if message.type.startswith(prefix) and object_id is not None:
            # Converging twice is harmless, so the mark may follow in a transaction of its own.
            await refresh(work, object_id)
    async with work.transaction() as session:
        await inbox.mark_handled(session, event.subject_id, at=work.clock.now())


SUBSCRIPTIONS: Final = (Subscription("stripe.handle_webhook", "inbox.received", handle),)
