"""Batches: a list of cards to make, read strictly from CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.card_numbers import holds_card_number
from cardwright.core.errors import Invalid

MOST_ROWS: Final = 10_000
COLUMNS: Final = (
    "label", "template_id", "type", "uses", "exact_amount", "merchant_lock", "valid_until",
    "limit_per_authorization", "limit_day", "limit_month", "limit_lifetime",
)  # fmt: skip
"""What a row may say; `merchant_lock` is `first` or a merchant's id, limits are minor units."""


class RowState(StrEnum):
    """Where a row stands."""

    WAITING = "waiting"
    MADE = "made"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Batch:
    """A list of cards that one holder asked for; `counts` says how many rows stand where."""

    id: str
    program_id: str
    user_id: str
    currency: str
    processor: str
    total: int
    is_canceled: bool
    created_at: datetime
    counts: Mapping[RowState, int]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row, numbered from 1 as in the list, and what became of it."""

    number: int
    content: Mapping[str, str]
    state: RowState
    card_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None


def read_rows(text: str) -> Sequence[Mapping[str, str]]:
    r"""Return the filled cells of each row; raise Invalid `csv_invalid` for what is not exactly such a list.

    >>> read_rows("label,limit_day\nAds,5000\n")
    [{'label': 'Ads', 'limit_day': '5000'}]
    """
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise _invalid("The list is not CSV as RFC 4180 has it: look at its quotes.") from error
    header, rows = (lines[0], [row for row in lines[1:] if row]) if lines else ([], [])
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown or "label" not in header or len(set(header)) != len(header):
        raise _invalid(f"The first line names columns once each, label among them, of: {', '.join(COLUMNS)}.")
    if not 0 < len(rows) <= MOST_ROWS:
        raise _invalid(f"A list has between 1 and {MOST_ROWS} rows.")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise _invalid(f"Row {number} has {len(row)} cells, not {len(header)}.")
        # Before the list is kept, not when its rows are read.
        if any(holds_card_number(cell) for cell in row):
            raise Invalid("card_number_refused", f"Row {number} has what looks like a card number.")
    return [{name: cell for name, cell in zip(header, row, strict=True) if cell} for row in rows]


def _invalid(message: str) -> Invalid:
    return Invalid("csv_invalid", message)
