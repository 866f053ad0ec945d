"""Why Stripe declined an authorization without asking, in our words."""

from collections.abc import Mapping
from typing import Final

from cardwright.payments import DeclineCause

_CAUSES: Final[Mapping[str, DeclineCause]] = {
    "card_canceled": DeclineCause.MIRROR,
    "card_inactive": DeclineCause.MIRROR,
    "spending_controls": DeclineCause.MIRROR,
    "webhook_declined": DeclineCause.UNHEARD,
    "webhook_error": DeclineCause.UNHEARD,
    "webhook_timeout": DeclineCause.UNHEARD,
    "insufficient_funds": DeclineCause.FUNDS,
    "cardholder_blocked": DeclineCause.HOLDER,
    "cardholder_inactive": DeclineCause.HOLDER,
    "cardholder_verification_required": DeclineCause.HOLDER,
    "verification_failed": DeclineCause.CREDENTIALS,
    "card_expired": DeclineCause.EXPIRED,
}


def cause_of(reason: str) -> DeclineCause:
    """Return the cause of a decline by the reason in a request's history.

    A declined webhook whose decision is not recorded is one where our own default stood in for it.
    """
    return _CAUSES.get(reason, DeclineCause.OTHER)
