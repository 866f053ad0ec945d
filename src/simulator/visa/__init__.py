"""Visa B2B Virtual Account Payments as its clients see it, on a listener of its own."""

from simulator.visa.control import routes
from simulator.visa.listener import VisaListener

__all__ = ["VisaListener", "routes"]
