"""What this slice needs from whoever verifies identities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from cardwright.core.errors import Invalid, Unavailable
from cardwright.kyc.domain import APPROVAL_LASTS, Verification, VerificationResult

DEFAULT_VERIFIER: Final = "stripe"


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """How long an approval is good, after what silence an attempt expires, what has to be handed in here."""

    approval_lasts: timedelta = APPROVAL_LASTS
    silent_for: timedelta = timedelta(days=14)
    needs_selfie: bool = True


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


class NotBegun(Unavailable):
    """The vendor does not answer and surely began nothing, so another one may be asked."""


class IdentityVerifier(Protocol):
    """Verifies identities. Every method raises Unavailable when the vendor does not answer."""

    async def start(self, verification: Verification, person: Person) -> StartedVerification:
        """Begin at the vendor; a repeated call for the same verification begins nothing new.

        Raises NotBegun where this call surely began nothing, and Unavailable where nobody knows.
        """
        ...

    async def look_up(self, provider_reference: str) -> VerificationResult:
        """Return the vendor's present answer; a status nobody knows reads as submitted."""
        ...


@dataclass(frozen=True, slots=True)
class IdentityVerifiers:
    """The vendors that are set up, by the names that verifications keep, and whom to ask first."""

    by_name: Mapping[str, IdentityVerifier]
    order: tuple[str, ...] = (DEFAULT_VERIFIER,)

    def of(self, name: str) -> IdentityVerifier:
        """Return a vendor; raise Invalid when none of that name is set up."""
        verifier = self.by_name.get(name)
        if verifier is None:
            raise Invalid("verifier_unknown", f"No identity verifier named {name[:40]!r} is set up.")
        return verifier

    def after(self, name: str) -> str | None:
        """Return whom to ask when a vendor is down; None after the last."""
        following = self.order[self.order.index(name) + 1 :] if name in self.order else ()
        return following[0] if following else None
