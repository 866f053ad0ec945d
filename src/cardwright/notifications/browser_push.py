"""Browsers as devices: the subscription that a page hands over, and the text that it is kept as."""

import json
from dataclasses import dataclass, field
from typing import Protocol

from cardwright.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class BrowserSubscription:
    """Where a browser's push service listens, and what only that browser can read (RFC 8291).

    `p256dh` is its public key and `auth` its secret, both base64url without padding. Whoever knows all three
    can make the browser show a message, so they are kept sealed.
    """

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    def as_token(self) -> str:
        """Return it as one text, the same for the same subscription."""
        return json.dumps([self.endpoint, self.p256dh, self.auth], separators=(",", ":"))

    @classmethod
    def of_token(cls, token: str) -> "BrowserSubscription":
        """Return what `as_token` made a text of; ValueError for any other text."""
        found = json.loads(token)
        if not isinstance(found, list) or [type(part) for part in found] != [str, str, str]:
            raise ValueError("this is no subscription")
        return cls(*found)


class BrowserPush(Protocol):
    """What a deployment can do for browsers."""

    @property
    def public_key(self) -> str | None:
        """The key that pages subscribe with, base64url; None where browsers get no push messages."""
        ...

    def ensure_acceptable(self, subscription: BrowserSubscription) -> None:
        """Raise Conflict `browser_push_unavailable`, or Invalid `subscription_refused` with a reason."""
        ...


class NoBrowserPush:
    """Keeps BrowserPush where no key is configured."""

    public_key: str | None = None

    def ensure_acceptable(self, subscription: BrowserSubscription) -> None:  # noqa: ARG002 - the port's
        """Refuse every subscription."""
        raise browser_push_unavailable()


def browser_push_unavailable() -> Conflict:
    """Return the refusal of a deployment without a key."""
    return Conflict("browser_push_unavailable", "Browsers get no push messages from this deployment.")
