"""What this slice needs from whoever takes money from a person's card or bank, and gives it back.

Every method raises Unavailable when the gateway does not answer, or answers what nobody can read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cardwright.core.sensitive import Sensitive
from cardwright.funding.domain import (
    ChargeResult,
    DisputeResult,
    MethodSnapshot,
    Refund,
    RefundResult,
    SavedMethod,
    SetupResult,
    TopUp,
)


@dataclass(frozen=True, slots=True)
class PaymentSource:
    """What is charged: a token that is used once, or a kept method of a customer of the gateway's."""

    token: Sensitive
    customer_reference: str | None = None


class FundingGateway(Protocol):
    """Takes money in."""

    async def charge(self, top_up: TopUp, source: PaymentSource, return_url: str) -> ChargeResult:
        """Take the top-up's amount, once however often it is called; a decline is an answer, not an error.

        A top-up that nobody is there to confirm, as an automatic one, asks for no action: it fails instead.
        """
        ...

    async def look_up(self, reference: str) -> ChargeResult:
        """Return the gateway's present answer about a charge; a status nobody knows reads as pending."""
        ...

    async def find_charge(self, top_up: TopUp) -> ChargeResult | None:
        """Return what became of a charge whose answer never came; None when there is none."""
        ...

    async def cancel(self, reference: str, *, is_abandoned: bool) -> ChargeResult:
        """Give a charge up before it takes anything; what is over already is answered as it is."""
        ...


class RefundGateway(Protocol):
    """Gives money back to where it came from."""

    async def refund(self, refund: Refund, charge_reference: str) -> RefundResult:
        """Give a part of a charge back, once however often it is called; a refusal is an answer."""
        ...

    async def look_up_refund(self, reference: str) -> RefundResult:
        """Return the gateway's present answer about a refund."""
        ...

    async def find_refund(self, refund: Refund, charge_reference: str) -> RefundResult | None:
        """Return what became of a refund whose answer never came; None when there is none."""
        ...


class MethodGateway(Protocol):
    """Keeps people's ways to pay."""

    async def create_customer(self, *, program_id: str, user_id: str) -> str:
        """Return the gateway's id of a person, for whom it keeps methods."""
        ...

    async def set_up(
        self, method: SavedMethod, token: Sensitive, customer_reference: str, return_url: str
    ) -> SetupResult:
        """Make a method ready to be charged when nobody is there, the same one however often it is called."""
        ...

    async def look_up_setup(self, reference: str) -> SetupResult:
        """Return the gateway's present answer about a method that is to be kept."""
        ...

    async def look_up_method(self, reference: str) -> MethodSnapshot | None:
        """Return a kept method as it is now; None for one that the gateway does not know."""
        ...

    async def detach(self, reference: str) -> None:
        """Let a method go; one that is gone already is fine."""
        ...


class DisputeGateway(Protocol):
    """Tells of top-ups that payers take back through their bank."""

    async def look_up_dispute(self, reference: str) -> DisputeResult:
        """Return a dispute as it is now."""
        ...

    async def disputes_since(self, since: datetime) -> Sequence[str]:
        """Return the references of all disputes that began since then."""
        ...


@dataclass(frozen=True, slots=True)
class TopUpReturn:
    """Where the gateway sends a person back after their bank has asked who they are."""

    base_url: str

    def url_of(self, top_up: TopUp) -> str:
        """Return the address for one top-up."""
        return f"{self.base_url.rstrip('/')}/{top_up.id}"


@dataclass(frozen=True, slots=True)
class MethodReturn:
    """The same for a method that is to be kept."""

    base_url: str

    def url_of(self, method: SavedMethod) -> str:
        """Return the address for one method."""
        return f"{self.base_url.rstrip('/')}/{method.id}"
