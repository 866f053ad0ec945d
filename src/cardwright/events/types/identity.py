"""Identity verification: what holders may know of it, and what is for those who review."""

from typing import Final

from cardwright.events.domain import EventField, EventType, FieldType
from cardwright.events.types.shapes import (
    EVERYBODY,
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

_OWNER: Final = id_of("owner_id", "user", "Whose identity it is.")
_REVIEW: Final = (
    id_of("review_id", "idrev", "The review."),
    _OWNER,
    of_type(FieldType.STRINGS, "causes", "Why somebody has to look.", ("manual",)),
)


def _verification(name: str, summary: str, *fields: EventField) -> EventType:
    return kind(f"kyc.{name}", summary, EVERYBODY, "idv", USER, *fields)


TYPES: Final = (
    _verification("verification_requested", "Somebody began to verify their identity."),
    _verification("collecting", "A verification waits for what the person has to hand in."),
    _verification("submitted", "A person handed in what a verification needs."),
    _verification("in_review", "A verification is judged by people.", REASON_CODE),
    _verification("sent_back", "A person has to hand something in again.", REASON_CODE),
    _verification("approved", "An identity was approved.", REASON_CODE),
    _verification("rejected", "An identity was not accepted.", REASON_CODE),
    _verification("canceled", "A verification was called off.", REASON_CODE),
    _verification("expired", "A verification, or an approval, ran out.",
                  word("what", "Which of both: `attempt` or `approval`.", "approval"), REASON_CODE),
    _verification("reverification_due", "An approval runs out soon; the identity is to be verified again.",
                  of_type(FieldType.DATE, "until", "The last day on which it holds.", "2027-02-01")),
    kind("kyc.review_opened", "Somebody has to look at an identity.", PROGRAM, "idrev", *_REVIEW),
    kind("kyc.review_overdue", "A review of an identity is late.", PROGRAM, "idrev", *_REVIEW,
         id_of("assignee_id", "user", "Who has it; absent while nobody does.", optional=True)),
    kind("kyc.assigned_review_overdue", "A reviewer has a review that is late.", STAFF_ALONE, "idrev",
         id_of("user_id", "user", "The reviewer."), *_REVIEW),
    kind("kyc.review_decided", "A review of an identity has ended.", PROGRAM, "idrev", *_REVIEW,
         word("outcome", "`approved`, `rejected`, or `settled` where nothing was left to decide.",
              "approved")),
    kind("kyc.screening_hit", "A name is like one on a list.", STAFF_ALONE, "hit", USER,
         word("list", "The list.", "ofac-sdn"), number("score", "How alike, of 100.", 93)),
    kind("kyc.screening_hit_decided", "Somebody decided whether a person is the one on a list.", STAFF_ALONE,
         "hit", USER, word("state", "`confirmed`, `dismissed` or `open` again.", "dismissed")),
    kind("kyc.screening_hit_outdated", "An entry left its list, or a person their name.", STAFF_ALONE, "hit",
         USER),
)  # fmt: skip
"""What happens while identities are verified."""
