"""Merchant category codes (ISO 18245) with their names, from the list that the package iso18245 ships."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import iso18245

from cardwright.merchants.groups import GROUP_IDS, GROUPS, Group, group_of

_LAST: Final = "9999"


@dataclass(frozen=True, slots=True)
class Category:
    """A code of four digits, what it stands for, and the group we put it into."""

    mcc: str
    name: str
    group: Group


def category(mcc: str) -> Category:
    """Return the category of a code; one that is in no list is named by its group."""
    known = _CATEGORIES.get(mcc)
    return known or Category(mcc, group_of(mcc).name, group_of(mcc))


def is_category(value: str) -> bool:
    """Answer whether a value names a category: a code that is listed, or one of our groups.

    >>> is_category("5411"), is_category("groceries"), is_category("9999"), is_category("5411 ")
    (True, True, False, False)
    """
    return value in _CATEGORIES or value in GROUP_IDS


def selected_category(value: str) -> str:
    """Name a category as people select it: by its code, or by the id of a group.

    >>> selected_category("5942"), selected_category("groceries")
    ('Bookshops (5942)', 'Groceries')
    """
    if value.isdecimal():
        return f"{category(value).name} ({value})"
    return next((group.name for group in GROUPS if group.id == value), value)


def groups() -> Sequence[tuple[Group, Sequence[Category]]]:
    """Return every group with the categories in it, in the order of their codes."""
    everything = _CATEGORIES.values()
    return [(group, [found for found in everything if found.group.id == group.id]) for group in GROUPS]


def _name(found: iso18245.MCC) -> str:
    # The standard's own words where it has some; it leaves airlines, hotels and car rentals to the networks.
    named = (
        found.iso_description,
        found.visa_description,
        found.mastercard_description,
        found.amex_description,
    )
    return next(
        (name for name in (*named, found.usda_description, found.stripe_description) if name), found.mcc
    )


def _listed() -> Mapping[str, Category]:
    listed = iso18245.get_all_mccs_in_range("0000", _LAST)
    return {found.mcc: Category(found.mcc, _name(found), group_of(found.mcc)) for found in listed}


# Read before anything is decided: no authorization waits for a file.
_CATEGORIES: Final = _listed()
