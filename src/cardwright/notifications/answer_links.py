"""Tokens that answer one question for one person from one place, made anew each time and stored nowhere.

A token says what it is for and until when, under a signature with the key of codes. What makes it good for
one answer only is the question itself, which takes one. Opening a link answers nothing: mail programs follow
links.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from cardwright.authentication import EmailCodes
from cardwright.notifications.signed_facts import link_invalid, sign, signed_facts

PATH: Final = "/answers"
_USE: Final = "answer_link"
_PLACE: Final = "answer_place"


class Way(StrEnum):
    """Which message a token came with."""

    EMAIL = "email"
    PUSH = "push"


class Matter(StrEnum):
    """What is asked: whether a payment was one's own, or whether a purchase may go through."""

    QUESTION = "question"
    CHALLENGE = "challenge"


@dataclass(frozen=True, slots=True)
class Permit:
    """What a token allows; `place` is the device it was sent to, or stands for the address."""

    way: Way
    matter: Matter
    subject_id: str
    user_id: str
    place: str
    expires_at: datetime


def issue(codes: EmailCodes, permit: Permit) -> str:
    """Return the token of a permit, always the same."""
    expires = int(permit.expires_at.timestamp())
    named = (
        permit.way.value, permit.matter.value, permit.subject_id, permit.user_id, permit.place, expires,
    )  # fmt: skip
    return sign(codes, _USE, named)


def read(codes: EmailCodes, token: str) -> Permit:
    """Return what a token allows, or allowed; NotFound `link_invalid` for one that we did not issue."""
    try:
        way, matter, subject_id, user_id, place, expires = signed_facts(codes, _USE, token)
        return Permit(
            Way(way), Matter(matter), subject_id, user_id, place, datetime.fromtimestamp(expires, UTC)
        )
    except (ValueError, TypeError):
        raise link_invalid() from None


def place_of_address(codes: EmailCodes, email: str) -> str:
    """Return what stands for an address in a token: links to an address that was given up are no good."""
    return codes.token(_PLACE, email)[:22]
