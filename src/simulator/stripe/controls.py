"""Spending controls at work: whether a card and its holder may spend this much, here, now.

What counts against a limit in a window: approved authorizations created in it, as far as they are held or
captured, and captures without an authorization; refunds give back. Windows are calendar periods in UTC, weeks
begin on Sunday. Two authorizations decided at the same instant may both pass: Stripe, too, promises no more.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.objects import JsonObject
from simulator.stripe import authorizations, cardholders, cards, transactions
from simulator.stripe.account import StripeAccount

_DAYS_PER_WEEK = 7
_PAIRS: tuple[tuple[str, Callable[[JsonObject], str]], ...] = (
    ("card_presences", lambda kept: kept["card_presence"]),
    ("categories", lambda kept: kept["merchant_data"]["category"]),
    ("merchant_countries", lambda kept: kept["merchant_data"]["country"]),
)


def is_allowed(account: StripeAccount, kept: JsonObject, amount: int) -> bool:
    """Say whether the controls of cardholder and card let an authorization grow by `amount` minor units."""
    cardholder = cardholders.get_cardholder(account, kept["cardholder"])
    card = cards.get_card(account, kept["card"])
    return all(
        _matches_lists(owner["spending_controls"], kept)
        and _is_within_limits(account, owner["spending_controls"], owner_field, kept, amount)
        for owner, owner_field in ((cardholder, "cardholder"), (card, "card"))
    )


def window_start(interval: str, now: datetime) -> datetime:
    """Return when the current window of an interval began."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if interval == "daily":
        return midnight
    if interval == "weekly":
        return midnight - timedelta(days=now.isoweekday() % _DAYS_PER_WEEK)
    if interval == "monthly":
        return midnight.replace(day=1)
    if interval == "yearly":
        return midnight.replace(month=1, day=1)
    return datetime.fromtimestamp(0, tz=now.tzinfo)


def _matches_lists(controls: JsonObject, kept: JsonObject) -> bool:
    for what, value_of in _PAIRS:
        value = value_of(kept)
        allowed, blocked = controls[f"allowed_{what}"], controls[f"blocked_{what}"]
        if (allowed and value not in allowed) or (blocked and value in blocked):
            return False
    return True


def _is_within_limits(
    account: StripeAccount, controls: JsonObject, owner_field: str, kept: JsonObject, amount: int
) -> bool:
    for limit in controls["spending_limits"]:
        categories = limit["categories"] or []
        if categories and kept["merchant_data"]["category"] not in categories:
            continue
        if limit["interval"] == "per_authorization":
            spent = kept["amount"]
        else:
            start = int(window_start(limit["interval"], account.clock.now()).timestamp())
            spent = _spent_since(account, start, categories, owner_field, kept[owner_field])
        if spent + amount > limit["amount"]:
            return False
    return True


def _spent_since(
    account: StripeAccount, start: int, categories: list[str], owner_field: str, owner_id: str
) -> int:
    """Add up what an owner spent in some categories (none: in all) since a moment."""

    def is_counted(it: JsonObject) -> bool:
        is_in_categories = not categories or it["merchant_data"]["category"] in categories
        return it["created"] >= start and it[owner_field] == owner_id and is_in_categories

    held = {
        it["id"]: int(it["amount"])
        for it in account.objects.scan(authorizations.KIND)
        if it["approved"] and is_counted(it)
    }
    booked = sum(
        int(it["amount"])
        for it in account.objects.scan(transactions.KIND)
        if it["authorization"] in held or (it["authorization"] is None and is_counted(it))
    )
    return sum(held.values()) - booked
