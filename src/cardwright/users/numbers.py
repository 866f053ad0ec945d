"""Phone numbers: in which country one is, whether text messages go there, and what it is counted under."""

from collections.abc import Collection
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from cardwright.core.errors import Invalid

_TAKES_MESSAGES: Final = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.PERSONAL_NUMBER}
)
_SUBSCRIBER_DIGITS: Final = 4


def ensure_textable(phone: str, countries: Collection[str]) -> str:
    """Return a number in E.164 that takes text messages in one of the countries (ISO 3166-1 alpha-2).

    Raises Invalid `phone_invalid` for what is no mobile number, and `phone_country_refused`. Numbers that
    somebody earns money with when they are texted are neither.
    """
    try:
        number = phonenumbers.parse(phone)
    except NumberParseException as error:
        raise _invalid() from error
    country = phonenumbers.region_code_for_number(number)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if country is None or written != phone or phonenumbers.number_type(number) not in _TAKES_MESSAGES:
        raise _invalid()
    if country not in countries:
        raise Invalid("phone_country_refused", "We do not send text messages to this country.")
    return phone


def country_of(phone: str) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of a number in E.164; None when it is nobody's.

    >>> country_of("+16175551234"), country_of("+999")
    ('US', None)
    """
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except NumberParseException:
        return None


def prefix_of(phone: str) -> str:
    """Return the block of numbers that one lies in: who pumps messages rents them by the block.

    >>> prefix_of("+16175551234")
    '+1617555'
    """
    return phone[:-_SUBSCRIBER_DIGITS]


def _invalid() -> Invalid:
    return Invalid("phone_invalid", "This is not the number of a mobile phone, such as +16175551234.")
