"""What this slice needs from whoever takes money from a person's card or bank."""

from dataclasses import dataclass
from typing import Protocol

from cardwright.core.sensitive import Sensitive
from cardwright.funding.domain import ChargeResult, TopUp


class FundingGateway(Protocol):
    """Takes money in. Every method raises Unavailable when the gateway does not answer."""

    async def charge(self, top_up: TopUp, payment_method_token: Sensitive, return_url: str) -> ChargeResult:
        """Take the top-up's amount, once however often it is called; a decline is an answer, not an error."""
        ...

    async def look_up(self, reference: str) -> ChargeResult:
        """Return the gateway's present answer about a charge; a status nobody knows reads as pending."""
        ...


@dataclass(frozen=True, slots=True)
class TopUpReturn:
    """Where the gateway sends a person back after their bank has asked who they are."""

    base_url: str

    def url_of(self, top_up: TopUp) -> str:
        """Return the address for one top-up."""
        return f"{self.base_url.rstrip('/')}/{top_up.id}"
