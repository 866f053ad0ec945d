"""What of the log is wanted: the filters of its lists, exports and sums, read from a request's query."""

from dataclasses import dataclass
from datetime import datetime
from string import digits
from typing import Annotated, Final

from fastapi import Depends, Query

from cardwright.core.errors import Invalid
from cardwright.core.ids import ID_PATTERN
from cardwright.http.strict import IN_DIGITS, Instant, Line
from cardwright.merchants import GROUP_IDS
from cardwright.payments.domain import PaymentStatus

_SHORTEST_WITHIN: Final = 3
_MOST: Final = 10**18


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a payment must be to be listed; None lets everything through. Amounts are in minor units.

    `amount_min` and `amount_max` are about what a payment comes to; the time from `opened_from` on is before
    `opened_before`. A `category` is a merchant category code or one of our groups.
    """

    text: str | None = None
    tag: str | None = None
    card_id: str | None = None
    merchant_id: str | None = None
    category: str | None = None
    status: PaymentStatus | None = None
    amount_min: int | None = None
    amount_max: int | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    user_id: str | None = None

    @property
    def pattern(self) -> str | None:
        r"""The text as LIKE finds it in what is searched; so short that it says little, where a word begins.

        >>> LogFilter(text="50%_Off").pattern, LogFilter(text="BP").pattern
        ('%50\\%\\_off%', '% bp%')
        """
        if self.text is None:
            return None
        found = self.text.strip().lower()
        for special in "\\%_":
            found = found.replace(special, f"\\{special}")
        return f"%{found}%" if len(self.text.strip()) >= _SHORTEST_WITHIN else f"% {found}%"

    @property
    def last4s(self) -> list[str]:
        """The last four digits of cards that the text is a part of, found as `pattern` finds it.

        >>> LogFilter(text="4242").last4s, LogFilter(text="424").last4s[:2], len(LogFilter(text="42").last4s)
        (['4242'], ['0424', '1424'], 100)
        """
        found = "" if self.text is None else self.text.strip()
        if not (found.isascii() and found.isdecimal()):
            return []
        match len(found):
            case 2:
                return [f"{found}{more:02}" for more in range(100)]
            case 3:
                return sorted(
                    {f"{digit}{found}" for digit in digits} | {f"{found}{digit}" for digit in digits}
                )
            case 4:
                return [found]
            case _:
                return []


def as_tag(text: str) -> str:
    """Return a tag as it is kept: one however it is typed.

    >>> as_tag("  Work  Trip ")
    'work trip'
    """
    return " ".join(text.split()).lower()


def _filter(
    text: Annotated[
        str | None,
        Query(pattern=r"^[^\x00-\x1f]*$", min_length=2, max_length=60, examples=["bakery"],
              description="In the merchant's name or city, or the card's last four digits."),
    ] = None,
    tag: Annotated[
        Line | None, Query(min_length=1, max_length=30, description="One that its holder gave it.")
    ] = None,
    card_id: Annotated[
        str | None,
        Query(
            pattern=ID_PATTERN,
            max_length=40,
            description="Only those of a card and of the cards that it took the place of.",
        ),
    ] = None,
    merchant_id: Annotated[
        str | None, Query(pattern=ID_PATTERN, max_length=40, description="The merchant's id with us.")
    ] = None,
    category: Annotated[
        str | None,
        Query(pattern="^([0-9]{4}|[a-z_]{2,30})$", description="A merchant category code, or a group.",
              examples=["groceries", "5411"]),
    ] = None,
    status: PaymentStatus | None = None,
    amount_min: Annotated[
        int | None, Query(ge=-_MOST, le=_MOST, description="In minor units."), IN_DIGITS
    ] = None,
    amount_max: Annotated[
        int | None, Query(ge=-_MOST, le=_MOST, description="In minor units."), IN_DIGITS
    ] = None,
    opened_from: Annotated[Instant | None, Query(description="The first instant.")] = None,
    opened_before: Annotated[Instant | None, Query(description="The instant after the last.")] = None,
    user_id: Annotated[
        str | None,
        Query(pattern=ID_PATTERN, max_length=40, description="For staff, with `everyone`: one customer's."),
    ] = None,
) -> LogFilter:  # fmt: skip
    if category is not None and not category.isdecimal() and category not in GROUP_IDS:
        raise Invalid("category_unknown", "There is no such group of merchant categories.")
    if text is not None and len(text.strip()) < min(2, len(text)):
        raise Invalid("search_too_short", "Give two letters to look for.")
    return LogFilter(
        text,
        None if tag is None else as_tag(tag),
        card_id,
        merchant_id,
        category,
        status,
        amount_min,
        amount_max,
        opened_from,
        opened_before,
        user_id,
    )


LogFilterDep = Annotated[LogFilter, Depends(_filter)]
Everyone = Annotated[bool, Query(description="For staff: all payments of the program.")]
