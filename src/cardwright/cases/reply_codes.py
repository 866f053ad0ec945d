"""Codes that questions are answered with by text message: derived from a key, so that none is ever stored.

A code is bound to its question and to the number that it was sent to. What is kept of a number, and of a
code that somebody sent, is a digest that nobody can compute without the key.
"""

from typing import Final

from cardwright.authentication import EmailCodes

_NUMBER: Final = "reply_number"
_TRY: Final = "reply_try"


def digest_number(codes: EmailCodes, phone: str) -> str:
    """Return what stands for a phone number in E.164."""
    return codes.token(_NUMBER, phone)


def digest_try(codes: EmailCodes, number: str, code: str) -> str:
    """Return what stands for a code that came from a number, which is given by its digest."""
    return codes.token(_TRY, f"{number}\0{code}")


def derive(codes: EmailCodes, case_id: str, number: str) -> str:
    """Return the code of a question, for a number given by its digest."""
    return codes.derive_reply(f"{case_id}\0{number}")


def is_right(codes: EmailCodes, case_id: str, number: str, tried: str) -> bool:
    """Answer whether a digest of a try is that of a question's code, in constant time."""
    return codes.is_token(_TRY, f"{number}\0{derive(codes, case_id, number)}", tried)
