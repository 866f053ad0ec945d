"""How often one client, one address and one known device may try; see docs/budgets.md for the whole table."""

from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final, Self

from fastapi import Depends, Request

from cardwright.authentication.domain import address_digest, normalize_email
from cardwright.http.deps import provided
from cardwright.http.rate_limits import RateLimiter, WhenAway, client_key


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits such as "5/hour": for all that one client asks, and for all who ask about one address.

    Behind a sign-in, `per_address` is for one person. `when_away` says what holds while Valkey is away.
    """

    per_client: str
    per_address: str
    when_away: WhenAway = WhenAway.LOCAL


@dataclass(frozen=True, slots=True)
class SignInBudget:
    """Limits of password checks at sign-in.

    `per_pair` is for one client and one address together: less than `per_address`, so that one stranger
    cannot use up what the owner needs. `per_address` is for all strangers together, and `per_device` for
    each device that has signed in to the address before, whatever strangers do.
    """

    per_client: str
    per_pair: str
    per_address: str
    per_device: str
    when_away: WhenAway = WhenAway.LOCAL


REGISTER: Final = Budget(per_client="30/hour", per_address="5/hour")
VERIFY_EMAIL: Final = Budget(per_client="60/hour", per_address="10/hour")
RESEND_CODE: Final = Budget(per_client="30/hour", per_address="5/hour")
PASSKEY: Final = Budget(per_client="60/15 minute", per_address="60/15 minute")
FACTOR: Final = Budget(per_client="60/15 minute", per_address="20/15 minute")
PROVIDER: Final = Budget(per_client="60/15 minute", per_address="60/15 minute")
SIGN_IN: Final = SignInBudget(
    per_client="60/15 minute",
    per_pair="6/15 minute",
    per_address="20/15 minute; 100/day",
    per_device="10/15 minute; 50/day",
)
FORGOT_PASSWORD: Final = Budget(per_client="30/hour", per_address="5/hour")
RESET_PASSWORD: Final = Budget(per_client="30/hour", per_address="10/hour")
CHANGE_PASSWORD: Final = Budget(per_client="60/hour", per_address="10/hour")
CHANGE_EMAIL: Final = Budget(per_client="30/hour", per_address="5/hour; 10/day")
CONFIRM_EMAIL: Final = Budget(per_client="60/hour", per_address="10/hour")
VETO_EMAIL: Final = Budget(per_client="30/hour", per_address="10/hour")


def _all_of(budget: Budget | SignInBudget, limit: str) -> Budget | SignInBudget:
    limits: dict[str, Any] = {part.name: limit for part in fields(budget) if part.name.startswith("per_")}
    return replace(budget, **limits)


@dataclass(frozen=True, slots=True)
class AuthLimits:
    """The budgets in force; the defaults are meant for production."""

    register: Budget = REGISTER
    verify_email: Budget = VERIFY_EMAIL
    resend_code: Budget = RESEND_CODE
    sign_in: SignInBudget = SIGN_IN
    passkey: Budget = PASSKEY
    factor: Budget = FACTOR
    provider: Budget = PROVIDER
    forgot_password: Budget = FORGOT_PASSWORD
    reset_password: Budget = RESET_PASSWORD
    change_password: Budget = CHANGE_PASSWORD
    change_email: Budget = CHANGE_EMAIL
    confirm_email: Budget = CONFIRM_EMAIL
    veto_email: Budget = VETO_EMAIL

    @classmethod
    def relaxed(cls, limit: str) -> Self:
        """Return budgets that are all the same limit: for a demo whose people come from one address."""
        usual = cls()
        everywhere: dict[str, Any] = {
            budget.name: _all_of(getattr(usual, budget.name), limit) for budget in fields(usual)
        }
        return cls(**everywhere)


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
        await self._count(purpose, budget.per_client, "client", self.client, when_away=budget.when_away)
        await self._count(purpose, budget.per_address, "address", subject, when_away=budget.when_away)

    async def admit_sign_in(self, email: str, device_id: str | None) -> str:
        """Count one password check and return the normalized address; raise TooMany.

        `device_id` names a device that is known to have signed in to this address before. Other ways to sign
        in, such as a passkey, are not counted here and stay open when this is used up.
        """
        budget = self.limits.sign_in
        address = normalize_email(email)
        subject = address_digest(address)
        steps: list[tuple[str, str, tuple[str, ...]]] = [(budget.per_client, "client", (self.client,))]
        if device_id is None:
            steps.append((budget.per_pair, "pair", (self.client, subject)))
            steps.append((budget.per_address, "address", (subject,)))
        else:
            steps.append((budget.per_device, "device", (device_id, subject)))
        for limit, kind, key in steps:
            await self._count("sign_in", limit, kind, *key, when_away=budget.when_away)
        return address

    async def _count(self, purpose: str, limit: str, kind: str, *subject: str, when_away: WhenAway) -> None:
        await self.limiter.hit(limit, "authentication", purpose, kind, *subject, when_away=when_away)


def _gate(
    request: Request,
    limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
    limits: Annotated[AuthLimits, Depends(provided(AuthLimits))],
) -> Gate:
    return Gate(limiter, limits, client_key(request.client.host if request.client else None))


GateDep = Annotated[Gate, Depends(_gate)]
