"""Webhook endpoints."""

from typing import Final

from cardwright.events.types.shapes import EVERYBODY, id_of, kind, word

TYPES: Final = (
    kind("webhooks.endpoint_disabled", "Nothing is sent to a webhook endpoint any more.", EVERYBODY, "wep",
         id_of("user_id", "user", "Whose it is; for the program's own, who made it."),
         word("reason", "`gone`: it answered 410. `failing`: nothing was answered well for days.", "failing"),
         word("url", "Where it was sent to.", "https://hooks.example.com/cardwright")),
)  # fmt: skip
"""What happens to webhook endpoints."""
