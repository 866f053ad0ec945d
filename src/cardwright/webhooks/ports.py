"""What delivering needs of the network, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status with at most 4 KiB of the body, or `error`, a code, when no answer came."""

    duration_ms: int
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    is_cut: bool = False
    error: str | None = None
    retry_after: timedelta | None = None


class WebhookSender(Protocol):
    """Posts to URLs that strangers chose, and reaches nothing inside."""

    def ensure_acceptable(self, url: str) -> None:
        """Raise Invalid `webhook_url_refused` for a URL that nothing will ever be sent to."""
        ...

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send once; whatever goes wrong is in the answer. Redirects are answers. Takes 15 s at most."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
