"""Proving who one is."""

from cardwright_mobile.features.identity.screen import Identity

__all__ = ["Identity"]
