"""Entries of lists from spreadsheets: what is read, and how what is not is told."""

import pytest

from cardwright.core.errors import Invalid
from cardwright.rules.list_entries import read_csv


@pytest.mark.parametrize(
    "csv",
    [
        "value\nACME\n",
        "\ufeffvalue\r\nACME\r\n",
        "\ufeffvalue;expires_at\r\nACME;\r\n",
        "value,expires_at\nACME,\n",
    ],
)
def test_what_spreadsheets_write_is_read(csv: str) -> None:
    assert read_csv(csv) == {"ACME": None}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x" * 101, "The value has 101 characters; at most 100 are compared."),
        ('"  "', "The value is blank."),
        ("a\u202eb", "The value has a character that is not shown, U+202E (right-to-left override)."),
        ("a\x07b", "The value has a character that is not shown, U+0007 (control character)."),
        (" a", "The value has blanks around it."),
    ],
)
def test_a_line_that_is_no_entry_is_told_with_its_cause_and_number(line: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_csv(f"value\nACME\n{line}\n")
    assert (caught.value.message, caught.value.details["line"]) == (said, 3)
