"""Card numbers, security codes and expiry: made up, in a test range, kept apart from the card objects."""

import secrets
from datetime import datetime

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount

KIND = "stripe.card_secret"
TEST_RANGE = "4000009990"
VALIDITY_YEARS = 3
_FREE_DIGITS = 5


def new_card_secret(account: StripeAccount, card_id: str) -> JsonObject:
    """Make and keep {"number", "cvc"} for a card; no two cards share a number."""
    taken = {kept["number"] for kept in account.objects.scan(KIND)}
    number = _draw_number()
    while number in taken:
        number = _draw_number()
    secret = {"id": card_id, "number": number, "cvc": f"{secrets.randbelow(1000):03d}"}
    account.objects.put(KIND, secret)
    return secret


def get_card_secret(account: StripeAccount, card_id: str) -> JsonObject:
    """Return {"number", "cvc"} of a card that exists."""
    secret = account.objects.get(KIND, card_id)
    if secret is None:
        raise LookupError(f"no number was ever made for {card_id}")
    return secret


def find_card_id(account: StripeAccount, number: str) -> str | None:
    """Return the id of the card with this number, spaces ignored."""
    digits = "".join(number.split())
    return next((str(kept["id"]) for kept in account.objects.scan(KIND) if kept["number"] == digits), None)


def default_expiry(now: datetime) -> tuple[int, int]:
    """Return the month and the year in which a card made now expires."""
    return now.month, now.year + VALIDITY_YEARS


def is_expired(card: JsonObject, now: datetime) -> bool:
    """Say whether the last month of the card is over."""
    return (now.year, now.month) > (card["exp_year"], card["exp_month"])


def is_luhn_valid(number: str) -> bool:
    """Say whether the check digit is right."""
    return _luhn_sum(number) % 10 == 0


def _draw_number() -> str:
    digits = f"{TEST_RANGE}{secrets.randbelow(10**_FREE_DIGITS):0{_FREE_DIGITS}d}"
    return f"{digits}{-_luhn_sum(f'{digits}0') % 10}"


def _luhn_sum(number: str) -> int:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value // 10 + value % 10 for value in doubled)
