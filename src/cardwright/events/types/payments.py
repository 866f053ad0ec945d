"""Payments with cards, what is suspicious about them, and the rules that judge them."""

from typing import Final

from cardwright.events.domain import EventField, EventType, FieldType
from cardwright.events.types.shapes import (
    AMOUNT,
    CARD,
    CURRENCY,
    EVERYBODY,
    LAST4,
    MERCHANT,
    PAYMENT,
    PERSON,
    PROGRAM,
    REASON_CODE,
    STAFF_ALONE,
    USER,
    id_of,
    kind,
    number,
    of_type,
    word,
)

_CASE: Final = (id_of("case_id", "case", "The case."), PAYMENT, AMOUNT, CURRENCY, MERCHANT, LAST4)


def _payment(name: str, summary: str, *fields: EventField) -> EventType:
    sequence = number("sequence", "Its place in the payment: 1, 2, 3 and so on.", 1)
    told = (USER, PAYMENT, CARD, LAST4, AMOUNT, CURRENCY, MERCHANT, sequence, *fields)
    return kind(f"payments.{name}", summary, EVERYBODY, "pay", *told)


def _case(name: str, summary: str, *fields: EventField) -> EventType:
    return kind(f"cases.{name}", summary, EVERYBODY, "case", USER, *_CASE, *fields)


TYPES: Final = (
    _payment("authorization_approved", "A merchant's request was approved, and the amount is held.",
             REASON_CODE,
             word("explanation", "What a person may read of the reason.", "Approved in our stead.",
                  optional=True),
             word("would_pass", "What would have let it pass.", "Add money.", optional=True)),
    _payment("authorization_declined", "A merchant's request was declined.", REASON_CODE,
             word("explanation", "What a person may read of the reason.", "The balance does not cover it.",
                  optional=True),
             word("would_pass", "What would have let it pass.", "Add at least 4.20 USD.", optional=True)),
    _payment("authorization_incremented", "More is held for a payment; `amount` is what was added."),
    _payment("authorization_reversed", "A merchant gave held money back; `amount` is how much."),
    _payment("hold_expired", "Nobody claimed held money in time; it is free again."),
    _payment("payment_cleared", "A merchant was paid; `amount` left the balance."),
    _payment("refund_received", "A merchant paid back; `amount` was added to the balance."),
    kind("payments.payment_flagged", "Rules want a payment to be looked at.", PROGRAM, "pay", PAYMENT,
         id_of("decision_id", "dec", "The decision that flagged it."),
         of_type(FieldType.STRINGS, "rules", "The rules that did.", ("large_first_purchase",)),
         number("score", "The risk score, of 1000.", 720, optional=True)),
    _case("question_asked", "A holder is asked whether a payment was theirs.",
          of_type(FieldType.DATE, "answer_by", "The last day to answer on.", "2026-11-25")),
    kind("cases.reply_received", "A text message answered the question about a payment.", PERSON, "user",
         USER, word("outcome", "What came of it.", "confirmed")),
    _case("payment_reviewed", "Somebody judged a payment and has its holder told.",
          word("finding", "`fraud`, `genuine` or `unclear`.", "genuine")),
    kind("cases.case_overdue", "A payment that is to be judged waits for too long.", PROGRAM, "case", USER,
         *_CASE),
    kind("cases.assigned_case_overdue", "A reviewer has a case that is late.", STAFF_ALONE, "case",
         id_of("user_id", "user", "The reviewer."), *_CASE),
    kind("rulebook.published", "Another version of the rules decides from now on.", PROGRAM, "prog",
         number("version", "The version.", 12), word("hash", "The hash of its text.", "9f86d081884c7d65"),
         id_of("author_id", "user", "Who wrote it.")),
)  # fmt: skip
"""What happens to payments."""
