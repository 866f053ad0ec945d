"""How often one client and one address may try to register, sign in or use e-mail codes."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from cardwright.authentication.domain import address_digest, normalize_email
from cardwright.http.deps import provided
from cardwright.http.rate_limits import RateLimiter


@dataclass(frozen=True, slots=True)
class Budget:
    """Two limits such as "5/hour": for all that one client asks, and for all who ask about one address."""

    per_client: str
    per_address: str


REGISTER: Final = Budget(per_client="30/hour", per_address="5/hour")
VERIFY_EMAIL: Final = Budget(per_client="60/hour", per_address="10/hour")
RESEND_CODE: Final = Budget(per_client="30/hour", per_address="5/hour")
PASSKEY: Final = Budget(per_client="60/15 minute", per_address="60/15 minute")
FACTOR: Final = Budget(per_client="60/15 minute", per_address="20/15 minute")
SIGN_IN: Final = Budget(per_client="60/15 minute", per_address="10/15 minute")
PROVIDER: Final = Budget(per_client="60/15 minute", per_address="60/15 minute")


@dataclass(frozen=True, slots=True)
class AuthLimits:
    """The budgets in force; the defaults are meant for production."""

    register: Budget = REGISTER
    verify_email: Budget = VERIFY_EMAIL
    resend_code: Budget = RESEND_CODE
    sign_in: Budget = SIGN_IN
    passkey: Budget = PASSKEY
    factor: Budget = FACTOR
    provider: Budget = PROVIDER


@dataclass(frozen=True, slots=True)
class Gate:
    """Counts the attempts of the client that makes this request."""

    limiter: RateLimiter
    limits: AuthLimits
    client: str

    async def admit(self, purpose: str, budget: Budget, email: str) -> str:
        """Count one attempt and return the normalized address; raise TooMany when a budget is used up."""
        address = normalize_email(email)
        # The store of counters needs no readable addresses.
        await self.admit_subject(purpose, budget, address_digest(address))
        return address

    async def admit_subject(self, purpose: str, budget: Budget, subject: str) -> None:
        """Count one attempt about a person or a thing, given by its id; raise TooMany."""
        await self.limiter.hit(budget.per_client, "authentication", purpose, "client", self.client)
        await self.limiter.hit(budget.per_address, "authentication", purpose, "address", subject)


def _gate(
    request: Request,
    limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
    limits: Annotated[AuthLimits, Depends(provided(AuthLimits))],
) -> Gate:
    return Gate(limiter, limits, request.client.host if request.client else "unknown")


GateDep = Annotated[Gate, Depends(_gate)]
