"""Entries of lists as spreadsheets write them, and why a line is none."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cardwright.core.errors import Invalid

MOST_AT_ONCE: Final = 10_000
MAX_VALUE_CHARACTERS: Final = 100
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")
_MARK: Final = "\ufeff"


def read_csv(text: str) -> Mapping[str, datetime | None]:
    """Read entries from CSV with the columns `value` and, where wanted, `expires_at`.

    The mark that spreadsheets put before UTF-8 is passed over; columns are parted by commas, or by semicolons
    where the first line has one. Raises Invalid `csv_invalid` with the number of the line.
    """
    text = text.removeprefix(_MARK)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(text), strict=True, delimiter=delimiter)
    if not {"value"} <= set(rows.fieldnames or ()) <= {"value", "expires_at"}:
        raise Invalid("csv_invalid", "The columns are value and, where wanted, expires_at.", line=1)
    found: dict[str, datetime | None] = {}
    try:
        for row in rows:
            if None in row:
                raise Invalid("csv_invalid", "A line is a value and maybe an end.", line=rows.line_num)
            fault = fault_of(row["value"] or "")
            if fault is not None:
                raise Invalid("csv_invalid", fault, line=rows.line_num)
            found[row["value"]] = _instant(row.get("expires_at") or "", rows.line_num)
    except csv.Error as error:
        raise Invalid("csv_invalid", f"This is no CSV: {error}.", line=rows.line_num) from error
    if not 1 <= len(found) <= MOST_AT_ONCE:
        raise Invalid("csv_invalid", f"1 to {MOST_AT_ONCE} entries at once.", line=rows.line_num)
    return found


def fault_of(value: str) -> str | None:
    """Return why a text is no value of a list, in a sentence, or None where it is one."""
    if not value.strip():
        return "The value is blank."
    if len(value) > MAX_VALUE_CHARACTERS:
        return f"The value has {len(value)} characters; at most {MAX_VALUE_CHARACTERS} are compared."
    hidden = next((char for char in value if not char.isprintable()), None)
    if hidden is not None:
        name = unicodedata.name(hidden, "control character").lower()
        return f"The value has a character that is not shown, U+{ord(hidden):04X} ({name})."
    return "The value has blanks around it." if value != value.strip() else None


def composed(value: str) -> str:
    """Return a text with its accents and letters put together (NFC), as lists keep and compare it."""
    return unicodedata.normalize("NFC", value)


def _instant(text: str, line: int) -> datetime | None:
    if not text:
        return None
    if not _INSTANT.fullmatch(text):
        raise Invalid("csv_invalid", "An end is an instant such as 2027-01-31T00:00:00Z.", line=line)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("csv_invalid", "There is no such day or hour.", line=line) from error
