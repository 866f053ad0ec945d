"""CSV that spreadsheets open as what it says: RFC 4180, UTF-8, and no cell that they would run."""

import csv
import io
from collections.abc import Iterable
from typing import Final

Cell = str | int | None
_RUN_BY_SPREADSHEETS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def rows_of(rows: Iterable[Iterable[Cell]]) -> str:
    """Return rows as lines of CSV; a text that begins like a formula is marked as text by an apostrophe.

    Whole numbers stay numbers; decimal amounts are given as `Number`.

    >>> print(rows_of([["=1+1", -5, None, Number("-1.50"), "a, b"]]).strip())
    '=1+1,-5,,-1.50,"a, b"
    """
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return written.getvalue()


class Number(str):
    """A decimal number of ours, which may begin with a minus."""

    __slots__ = ()


def _safe(cell: Cell) -> Cell:
    is_text = isinstance(cell, str) and not isinstance(cell, Number)
    return f"'{cell}" if is_text and str(cell).lstrip().startswith(_RUN_BY_SPREADSHEETS) else cell
