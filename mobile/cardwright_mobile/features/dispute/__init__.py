"""Saying that a payment is wrong."""

from cardwright_mobile.features.dispute.screen import Dispute

__all__ = ["Dispute"]
