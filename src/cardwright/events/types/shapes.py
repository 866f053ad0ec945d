"""What the types of several areas have in common: audiences, and fields that mean the same everywhere."""

from typing import Final

from cardwright.events.domain import Audience, EventField, EventType, Example, FieldType

EVERYBODY: Final = frozenset(Audience)
PERSON: Final = frozenset({Audience.HOLDER, Audience.STAFF})
"""Security of somebody's account: theirs to know, and nobody's who writes programs."""
PROGRAM: Final = frozenset({Audience.DEVELOPER, Audience.STAFF})
STAFF_ALONE: Final = frozenset({Audience.STAFF})
_TAIL: Final = "01jd9zq3f8e7vtm5g6w2x4y8zn"


def example_id(prefix: str) -> str:
    """Return an id as examples show it."""
    return f"{prefix}_{_TAIL}"


def id_of(name: str, prefix: str, summary: str, *, optional: bool = False) -> EventField:
    """Return a field that holds an id."""
    return EventField(name, FieldType.ID, summary, example_id(prefix), optional)


def word(name: str, summary: str, example: str, *, optional: bool = False) -> EventField:
    """Return a field that holds a word or a line."""
    return EventField(name, FieldType.STRING, summary, example, optional)


def number(name: str, summary: str, example: int, *, optional: bool = False) -> EventField:
    """Return a field that holds a whole number."""
    return EventField(name, FieldType.INTEGER, summary, example, optional)


def of_type(
    type_: FieldType, name: str, summary: str, example: Example, *, optional: bool = False
) -> EventField:
    """Return a field of any other type."""
    return EventField(name, type_, summary, example, optional)


def kind(
    name: str, summary: str, audience: frozenset[Audience], subject: str, *fields: EventField
) -> EventType:
    """Return a type of event; `subject` is the prefix of the ids of what it happens to."""
    return EventType(name, summary, audience, example_id(subject), fields)


USER: Final = id_of("user_id", "user", "Whom it is about.")
MAYBE_USER: Final = id_of("user_id", "user", "Whom it is about.", optional=True)
CARD: Final = id_of("card_id", "card", "The card.")
LAST4: Final = word("last4", "The last four digits of the card's number.", "4242", optional=True)
PAYMENT: Final = id_of("payment_id", "pay", "The payment.")
AMOUNT: Final = number("amount", "In minor units of `currency`, such as cents.", 1250)
CURRENCY: Final = word("currency", "ISO 4217 code.", "USD")
MERCHANT: Final = word(
    "merchant_name", "The merchant, as the network names it.", "Blue Bottle", optional=True
)
REASON_CODE: Final = word("reason_code", "Why, as a stable code.", "insufficient_funds", optional=True)
