"""Cards, and the questions that their holders are asked before a purchase."""

from dataclasses import replace
from typing import Final

from cardwright.events.domain import Audience, EventField, EventType, FieldType
from cardwright.events.types.shapes import (
    AMOUNT,
    CARD,
    CURRENCY,
    EVERYBODY,
    LAST4,
    MAYBE_USER,
    MERCHANT,
    PERSON,
    PROGRAM,
    USER,
    id_of,
    kind,
    number,
    of_type,
    word,
)

_STATE: Final = word("state", "The card's state now: `inactive`, `active`, `frozen` or `canceled`.", "active")
_REASON: Final = word("reason", "Why, as a stable code.", "holder", optional=True)


def _card(name: str, summary: str, *fields: EventField) -> EventType:
    return kind(f"cards.{name}", summary, EVERYBODY, "card", USER, CARD, LAST4, _STATE, *fields)


def _challenge(name: str, summary: str) -> EventType:
    asked = id_of("user_id", "user", "Who is told: the holder, or who may answer instead.")
    challenge = id_of("challenge_id", "chal", "The challenge.")
    told = (asked, challenge, AMOUNT, CURRENCY, MERCHANT, LAST4)
    return kind(f"challenges.{name}", summary, EVERYBODY, "chal", *told)


def _of_anybody(type_: EventType) -> EventType:
    # Staff change what is fixed for a card without naming more than the card.
    fields = (MAYBE_USER, *(replace(it, is_optional=True) for it in type_.fields[1:]))
    return replace(type_, fields=fields)


TYPES: Final = (
    _card("card_issued", "A card is ready to be used.",
          word("replacement_reason", "Why it takes the place of another, if it does.", "lost",
               optional=True)),
    _card("card_frozen", "A card was frozen: it declines until it is unfrozen.", _REASON),
    _card("card_unfrozen", "A frozen card can be used again.", _REASON),
    _card("card_canceled", "A card was closed for good.", _REASON),
    _card("card_locked", "Staff locked a card: it declines until staff unlock it."),
    _card("card_unlocked", "Staff unlocked a card."),
    _card("card_expiring", "A card expires within 30 days and has no successor.",
          number("exp_month", "The month of its expiry.", 12), number("exp_year", "The year.", 2026)),
    _of_anybody(_card("limits_changed", "The limits of a card changed; read them anew.")),
    _card("controls_changed", "The controls of a card changed; read them anew."),
    _card("exception_made", "A holder let a merchant through a card's controls for a while.",
          id_of("merchant_id", "mrch", "The merchant."),
          of_type(FieldType.INSTANT, "until", "When that ends.", "2026-11-24T12:00:00+00:00")),
    replace(_card("number_revealed", "The number of a card was shown to its holder."), audience=PERSON),
    _challenge("challenge_requested", "A purchase waits for somebody's yes."),
    _challenge("challenge_approved", "A purchase that waited was approved by a person."),
    _challenge("challenge_refused", "A purchase that waited was refused by a person."),
    _challenge("answered_too_late", "A purchase was answered when it had ended already."),
    kind("challenges.fraud_reported", "Somebody refused a purchase and said that it was fraud.", PROGRAM,
         "chal", USER, CARD, id_of("reported_by", "user", "Who said so.")),
    kind("challenges.approver_invited", "Somebody was asked to answer for another's card.",
         frozenset({Audience.HOLDER}), "inv", id_of("user_id", "user", "Who was asked."),
         id_of("invitation_id", "inv", "The invitation."), LAST4),
    kind("challenges.approver_added", "Somebody may answer for a holder's card from now on.", EVERYBODY,
         "inv", USER, CARD, LAST4),
)  # fmt: skip
"""What happens to cards."""
