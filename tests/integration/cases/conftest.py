"""Fixtures: the application that the simulator's network asks, and a desk for disputes."""

from integration.cards.stand import client, simulator, stand
from integration.disputes.conftest import clock, desk, policy

__all__ = ["client", "clock", "desk", "policy", "simulator", "stand"]
