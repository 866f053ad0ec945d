"""What staff see of a customer before somebody else has agreed to more: enough to recognise, not to use."""

from typing import Final

HIDDEN: Final = "•••"
_SHOWN_DIGITS: Final = 2


def mask_email(email: str) -> str:
    """Keep the first letters of name and domain, and the domain's last part.

    >>> mask_email("ada@people.example")
    'a•••@p•••.example'
    """
    name, _, domain = email.partition("@")
    return f"{name[:1]}{HIDDEN}@{domain[:1]}{HIDDEN}.{domain.rpartition('.')[2]}"


def mask_phone(phone: str | None) -> str | None:
    """Keep the last two digits; the number's length is not told.

    >>> mask_phone("+15551234567")
    '•••67'
    """
    return None if phone is None else HIDDEN + phone[-_SHOWN_DIGITS:]
