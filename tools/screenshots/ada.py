"""A cardholder who uses everything: cards, payments of every outcome, disputes, money both ways."""

from collections.abc import Mapping
from typing import Any, Final

from web.holder import Holder
from web.outside import Outside, eventually

PROFILE: Final = {
    "full_name": "Ada Byron", "date_of_birth": "1985-12-10", "locale": "en-US",
    "time_zone": "America/New_York", "phone": "+16175550142",
    "address": {"line1": "1 Harbour Way", "city": "Boston", "postal_code": "02108", "country": "US"},
}  # fmt: skip
CARDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "cloud": {
        "label": "Cloud bills", "type": "recurring", "colour": "blue",
        "limits": [{"window": "month", "amount": 90_00}],
    },
    "music": {"label": "Music", "type": "merchant_locked", "colour": "violet"},
    "travel": {
        "label": "Lisbon trip", "colour": "orange", "limits": [{"window": "month", "amount": 900_00}],
    },
    "everyday": {
        "label": "Everyday", "colour": "evergreen",
        "limits": [{"window": "month", "amount": 400_00}, {"window": "day", "amount": 250_00}],
    },
    "frozen": {"label": "Old gym", "colour": "slate"},
}  # fmt: skip
SPENT_IN_VAIN, HALF_BACK, DISPUTED, UNKNOWN = 349_00, 44_50, 58_75, 23_50
PURCHASES: Final = (
    ("everyday", "green-basket", 64_18, "cleared"),
    ("everyday", "pine-books", UNKNOWN, "cleared"),
    ("travel", "harbor-hotel", 214_00, "pending"),
    ("travel", "north-air", 186_40, "cleared"),
    ("cloud", "cloud-forge", 48_00, "cleared"),
    ("everyday", "last-mile-fuel", 41_30, "pending"),
    ("music", "tune-river", 10_99, "cleared"),
    ("travel", "swift-wheels", DISPUTED, "cleared"),
    ("everyday", "gadget-pier", HALF_BACK * 2, "refunded"),
    ("music", "gadget-pier", 129_00, "declined"),
    ("everyday", "corner-cafe", 7_80, "cleared"),
    ("everyday", "gadget-pier", SPENT_IN_VAIN, "declined"),
    ("everyday", "corner-cafe", 12_40, "pending"),
    ("cloud", "cloud-forge", 15_00, "cleared"),
    ("everyday", "green-basket", 31_05, "pending"),
)
QUIET: Final = {"start": "22:00", "end": "07:00"}


def live(holder: Holder, outside: Outside) -> Mapping[str, str]:
    """Let her do all of it; return the ids that pages need, by what they are."""
    holder.sign_up()
    holder.use_second_factor()
    holder.prove_identity()
    holder.call("PUT", "/v1/me/profile", PROFILE)
    holder.add_money(1_850_00)
    cards = {
        name: holder.create_card(str(terms["label"]), **{k: v for k, v in terms.items() if k != "label"})
        for name, terms in CARDS.items()
    }
    holder.call("POST", f"/v1/cards/{cards['frozen']}/freeze")
    _shop(outside, cards)
    eventually("all payments", lambda: len(payments(holder)) == len(PURCHASES))
    eventually("what was cleared", lambda: any(paid["posted"] == HALF_BACK for paid in payments(holder)))
    paid = {
        "declined": _only(holder, "amount", SPENT_IN_VAIN), "refunded": _only(holder, "posted", HALF_BACK),
        "disputed": _only(holder, "amount", DISPUTED), "unknown": _only(holder, "amount", UNKNOWN),
    }  # fmt: skip
    note = {"note": "Headphones; one of the two went back.", "tags": ["gifts"]}
    holder.call("PUT", f"/v1/payments/{paid['refunded']}/annotation", note)
    disputes = _object(holder, paid)
    _arrange(holder, outside)
    outside.ask_for_approval(cards["everyday"], "pine-books", "27.90")
    eventually("the question", lambda: holder.call("GET", "/v1/challenges")["data"])
    return {**cards, **paid, **disputes}


def payments(holder: Holder) -> list[dict[str, Any]]:
    """Return all payments of somebody."""
    found: list[dict[str, Any]] = holder.call("GET", "/v1/payments?limit=50")["data"]
    return found


def _shop(outside: Outside, cards: Mapping[str, str]) -> None:
    for card, merchant, amount, outcome in PURCHASES:
        authorization = outside.pay(cards[card], merchant, amount)
        if outcome in ("cleared", "refunded") and authorization["approved"]:
            transaction = outside.clear(authorization["id"], amount)
            if outcome == "refunded":
                outside.refund(transaction, amount // 2)


def _only(holder: Holder, field: str, amount: int) -> str:
    return str(next(paid["id"] for paid in payments(holder) if paid[field] == amount))


def _object(holder: Holder, paid: Mapping[str, str]) -> dict[str, str]:
    """Hand in one dispute and leave another unfinished."""
    told = {
        "explanation": "The car was returned a day early, and a third day was charged.",
        "product_kind": "service", "product_description": "A small car for two days.",
    }  # fmt: skip
    handed_in = holder.call(
        "POST", f"/v1/payments/{paid['disputed']}/disputes", {"reason": "other", "statement": told}
    )
    holder.call("POST", f"/v1/disputes/{handed_in['id']}/submit", {})
    draft = holder.call("POST", f"/v1/payments/{paid['unknown']}/disputes", {"reason": "fraud"})
    return {"dispute": handed_in["id"], "draft": draft["id"]}


def _kept(holder: Holder) -> list[Any]:
    """Return the ways to pay that can be charged."""
    found: list[dict[str, Any]] = holder.call("GET", "/v1/payment-methods")["data"]
    return [method for method in found if method["status"] == "active"]


def _arrange(holder: Holder, outside: Outside) -> None:
    """Keep ways to pay, choose what to be told, take money out, listen by webhook."""
    kept = [
        holder.call("POST", "/v1/payment-methods", {"payment_method_token": token, "label": label})
        for token, label in (("pm_card_visa", "Salary account"), ("pm_card_mastercard", "Travel card"))
    ]
    rule = {"threshold": 100_00, "amount": 250_00, "most_per_day": 500_00, "most_per_month": 1_000_00}
    eventually("what she keeps", lambda: len(_kept(holder)) == len(kept))
    holder.call("PUT", "/v1/auto-top-up", {"payment_method_id": kept[0]["id"], **rule})
    holder.call("POST", "/v1/withdrawals", {"amount": 120_00, "currency": "USD"})
    holder.call("PUT", "/v1/me/notification-preferences", {"choices": [], "quiet_hours": QUIET})
    wanted = {"url": outside.receiver("household"), "event_types": ["payments.*"]}
    holder.call("POST", "/v1/webhook-endpoints", {**wanted, "description": "Household books"})
