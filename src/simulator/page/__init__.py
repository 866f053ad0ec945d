"""Pages for people: the inbox, the cards, paying at a merchant, events, the clock and faults."""

from simulator.page.desk import RefusedError
from simulator.page.site import render_refusal, routes

__all__ = ["RefusedError", "render_refusal", "routes"]
