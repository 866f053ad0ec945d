"""Merchants as identities: one of them has many acceptor ids, descriptors and countries."""

from cardwright.merchants.categories import Category, category, groups, is_category, selected_category
from cardwright.merchants.descriptors import clean_name
from cardwright.merchants.domain import Merchant
from cardwright.merchants.groups import GROUP_IDS, Group
from cardwright.merchants.identifying import identify, recognise
from cardwright.merchants.looks import colour_of, logo_letter
from cardwright.merchants.service import ensure_known, family, find_merchant, find_merchants

__all__ = [
    "GROUP_IDS",
    "Category",
    "Group",
    "Merchant",
    "category",
    "clean_name",
    "colour_of",
    "ensure_known",
    "family",
    "find_merchant",
    "find_merchants",
    "groups",
    "identify",
    "is_category",
    "logo_letter",
    "recognise",
    "selected_category",
]
