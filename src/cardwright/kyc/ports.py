"""What this slice needs from whoever verifies identities."""

from dataclasses import dataclass
from typing import Protocol

from cardwright.kyc.domain import Verification, VerificationResult


@dataclass(frozen=True, slots=True)
class Person:
    """What the vendor is told about who is to be verified: no more than it needs to reach them."""

    full_name: str
    email: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class StartedVerification:
    """The vendor's id of a verification and where the person shows documents; the address is secret."""

    provider_reference: str
    url: str | None


class IdentityVerifier(Protocol):
    """Verifies identities. Every method raises Unavailable when the vendor does not answer."""

    async def start(self, verification: Verification, person: Person) -> StartedVerification:
        """Begin at the vendor; a repeated call for the same verification begins nothing new."""
        ...

    async def look_up(self, provider_reference: str) -> VerificationResult:
        """Return the vendor's present answer; a status nobody knows reads as processing."""
        ...
