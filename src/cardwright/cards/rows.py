"""Reading a row of a list of cards as the API reads a card."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from cardwright.cards.domain import CardType
from cardwright.cards.schemas import CreateCard
from cardwright.cards.service import NewCard
from cardwright.core.errors import Invalid

_LIMITS: Final[Mapping[str, str]] = {
    "limit_per_authorization": "per_authorization",
    "limit_day": "day",
    "limit_month": "month",
    "limit_lifetime": "lifetime",
}
_LONGEST_NUMBER: Final = 15
_EXPECTED: Final[Mapping[str, str]] = {
    "label": "is one line of 1 to 60 printable characters",
    "template_id": "is the id of a template",
    "type": f"is one of {', '.join(CardType)}",
    "uses": "is a number from 1 to 10000",
    "exact_amount": "is a whole number of minor units above zero",
    "merchant_lock": "is first or the id of a merchant",
    "valid_until": "is an instant such as 2027-01-31T00:00:00Z",
    "limits": "are whole numbers of minor units",
}
"""What each field of a card takes, in the words of whoever writes a list."""


def _number(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and len(cell) <= _LONGEST_NUMBER):
        raise Invalid("row_invalid", f"{cell[:20]!r} is not a whole number.")
    return int(cell)


def _lock(cell: str) -> dict[str, str]:
    return {} if cell == "first" else {"merchant_id": cell}


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "uses": _number,
    "exact_amount": _number,
    "merchant_lock": _lock,
}


def card_of_row(content: Mapping[str, str]) -> NewCard:
    """Return what a row asks for; raise Invalid with what is wrong about it.

    A label that a spreadsheet would take for a formula is refused: lists like this come from and go back to
    spreadsheets.
    """
    if content.get("label", "").lstrip().startswith(("=", "+", "-", "@")):
        raise Invalid("row_invalid", "A label does not start like a formula.")
    body: dict[str, Any] = {
        name: _READ.get(name, str)(cell) for name, cell in content.items() if name not in _LIMITS
    }
    body["limits"] = [
        {"window": window, "amount": _number(content[name])}
        for name, window in _LIMITS.items()
        if name in content
    ]
    try:
        return CreateCard.model_validate(body).wanted()
    except ValidationError as error:
        wrong = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise Invalid("row_invalid", f"{wrong} {_EXPECTED[wrong]}.") from None
