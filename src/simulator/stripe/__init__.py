"""Stripe as far as a card program needs it: Issuing, Identity, payments, webhooks."""

from simulator.stripe.api import stripe_routes

__all__ = ["stripe_routes"]
