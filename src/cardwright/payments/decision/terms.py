"""Checks of what the card's type allows: dates, uses, the exact amount, the merchant it is locked to."""

from collections.abc import Sequence

from cardwright.cards import Purchase
from cardwright.payments.decision.facts import ExceptionFact, Facts, TermsFact
from cardwright.payments.decision.verdict import Check, failed, passed


def terms(facts: Facts) -> Sequence[Check]:
    """Check the terms that the card has; a card without any has no such checks."""
    if facts.terms is None:
        return ()
    found = facts.terms
    checks = (
        _dates(facts, found),
        _uses(found),
        _exact_amount(facts, found),
        _lock(found, facts.purchase, facts.exception),
    )
    return [check for check in checks if check is not None]


def _dates(facts: Facts, found: TermsFact) -> Check | None:
    if found.valid_from is None and found.valid_until is None:
        return None
    # All three are written alike, to the second and in UTC, so that they compare as they stand.
    at = facts.decided_at[:19]
    if found.valid_from is not None and at < found.valid_from[:19]:
        return failed(
            "dates", "card_not_yet_valid", f"The card is valid from {found.valid_from}.",
            f"Waiting until {found.valid_from}.",
        )  # fmt: skip
    if found.valid_until is not None and at >= found.valid_until[:19]:
        return failed(
            "dates", "card_no_longer_valid", f"The card was valid until {found.valid_until}.",
            "Use another card: this one's time is over.",
        )  # fmt: skip
    return passed("dates", "The card is within its dates.")


def _uses(found: TermsFact) -> Check | None:
    if found.uses is None:
        return None
    if not found.is_new_use:
        return passed("uses", "This is no further use of the card.")
    if found.used < found.uses:
        return passed("uses", f"This is use {found.used + 1} of {found.uses}.")
    return failed(
        "uses", "uses_exhausted", f"The card was made for {_purchases(found.uses)}; {found.used} happened.",
        "Use another card; a use that its merchant reverses in full is given back.",
    )  # fmt: skip


def _exact_amount(facts: Facts, found: TermsFact) -> Check | None:
    if found.exact_amount is None or (facts.amount == 0 and not facts.is_increment):
        return None
    asked, exact = facts.money(facts.amount), facts.money(found.exact_amount)
    if facts.amount == found.exact_amount and not facts.is_increment:
        return passed("exact_amount", f"{asked} is exactly what the card is for.")
    more = " more" if facts.is_increment else ""
    return failed(
        "exact_amount", "amount_not_exact", f"{asked}{more} was asked, and the card is for exactly {exact}.",
        f"An amount of exactly {exact}.",
    )  # fmt: skip


def _lock(found: TermsFact, purchase: Purchase | None, exception: ExceptionFact | None) -> Check | None:
    if not found.is_locked or purchase is None:
        return None
    if found.merchant_id is None:
        return passed("merchant_lock", f"{purchase.merchant_name} is the first merchant of this locked card.")
    if found.merchant_id in purchase.merchant_ids:
        return passed("merchant_lock", f"The card is locked to {purchase.merchant_name}.")
    locked_to = found.merchant_name or "another merchant"
    if exception is not None:
        return passed(
            "merchant_lock",
            f"Locked to {locked_to}, the card lets {purchase.merchant_name} through until {exception.until}.",
        )
    return failed(
        "merchant_lock", "merchant_locked",
        f"The card is locked to {locked_to}, not to {purchase.merchant_name}.",
        f"Allow {purchase.merchant_name} for a while, or use another card.",
    )  # fmt: skip


def _purchases(count: int) -> str:
    return "one purchase" if count == 1 else f"{count} purchases"
