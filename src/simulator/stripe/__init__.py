"""Stripe as far as a card program needs it: Issuing, Identity, payments, webhooks."""

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from simulator.stripe.api import stripe_routes

if TYPE_CHECKING:
    from simulator.world import World

__all__ = ["routes"]


def routes(world: "World") -> list[BaseRoute]:
    """Return everything that Stripe answers to in this world, mounted at the root."""
    return stripe_routes(world.stripe)
