"""Fixtures: a simulator, the application that it asks, and somebody with a card."""

from integration.cards.stand import client, simulator, stand

__all__ = ["client", "simulator", "stand"]
