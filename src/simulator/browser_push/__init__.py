"""A browser vendor's push service (RFC 8030), with browsers that can read what it brings."""

from simulator.browser_push.api import routes
from simulator.browser_push.errors import PushError, render_error

__all__ = ["PushError", "render_error", "routes"]
