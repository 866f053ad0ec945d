"""Merchants as identities: one of them has many acceptor ids, descriptors and countries."""

from cardwright.merchants.categories import Category, category, groups
from cardwright.merchants.domain import Merchant
from cardwright.merchants.groups import GROUP_IDS, Group
from cardwright.merchants.service import family, find_merchant, identify

__all__ = [
    "GROUP_IDS",
    "Category",
    "Group",
    "Merchant",
    "category",
    "family",
    "find_merchant",
    "groups",
    "identify",
]
