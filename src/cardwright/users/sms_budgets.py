"""How many codes are sent by text message: each costs money, so nothing is sent that cannot be counted."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final, Self

from fastapi import Depends, Request

from cardwright.core.errors import TooMany, Unavailable
from cardwright.http.deps import provided
from cardwright.http.rate_limits import RateLimiter, WhenAway, client_key
from cardwright.users.numbers import ensure_textable, prefix_of

PER_CLIENT: Final = "20/hour"
PER_PERSON: Final = "5/hour; 10/day"
PER_TARGET: Final = "5/hour; 10/day"
PER_PREFIX: Final = "50/hour"
CONFIRMATIONS: Final = "20/hour"


@dataclass(frozen=True, slots=True)
class SmsRules:
    """Where codes are sent to (ISO 3166-1 alpha-2), and how many: `most_per_day` caps what they cost.

    The limits of less time are defaults that are meant for production.
    """

    countries: frozenset[str]
    most_per_day: int
    per_client: str = PER_CLIENT
    per_person: str = PER_PERSON
    per_target: str = PER_TARGET
    per_prefix: str = PER_PREFIX
    confirmations: str = CONFIRMATIONS

    @classmethod
    def relaxed(cls, countries: frozenset[str], limit: str) -> Self:
        """Return rules whose limits are all the same: for one machine that plays everybody."""
        return cls(countries, 1_000_000, limit, limit, limit, limit, limit)


@dataclass(frozen=True, slots=True)
class SmsGate:
    """Counts the codes that the client of this request has sent and tries."""

    limiter: RateLimiter
    rules: SmsRules
    client: str

    async def admit(self, user_id: str, phone: str) -> str:
        """Count one code and return the number it goes to.

        Raises Invalid for a number that takes no code, TooMany when a budget is used up, and Unavailable
        while nobody counts.
        """
        ensure_textable(phone, self.rules.countries)
        # The store of counters needs no readable numbers.
        target, prefix = (sha256(part.encode()).hexdigest() for part in (phone, prefix_of(phone)))
        for limit, kind, key in (
            (self.rules.per_client, "client", self.client),
            (self.rules.per_person, "person", user_id),
            (self.rules.per_target, "target", target),
            (self.rules.per_prefix, "prefix", prefix),
            (f"{self.rules.most_per_day}/day", "everybody", "all"),
        ):
            await self.limiter.hit(limit, "sms", kind, key, when_away=WhenAway.REFUSE)
        return phone

    async def admit_try(self, user_id: str) -> None:
        """Count one try of a code; raise TooMany when there were too many, of whichever codes."""
        await self.limiter.hit(self.rules.confirmations, "sms", "confirmation", user_id)


async def admit_reply(limiter: RateLimiter, rules: SmsRules, phone: str) -> bool:
    """Count one message that answers a person's own; False when a budget is used up, or nobody counts.

    Whoever pretends to write from a number uses up its answers, not its codes.
    """
    target, prefix = (sha256(part.encode()).hexdigest() for part in (phone, prefix_of(phone)))
    try:
        for limit, kind, key in (
            (rules.per_target, "reply", target),
            (rules.per_prefix, "prefix", prefix),
            (f"{rules.most_per_day}/day", "everybody", "all"),
        ):
            await limiter.hit(limit, "sms", kind, key, when_away=WhenAway.REFUSE)
    except (TooMany, Unavailable):
        return False
    return True


def _gate(
    request: Request,
    limiter: Annotated[RateLimiter, Depends(provided(RateLimiter))],
    rules: Annotated[SmsRules, Depends(provided(SmsRules))],
) -> SmsGate:
    return SmsGate(limiter, rules, client_key(request.client.host if request.client else None))


SmsGateDep = Annotated[SmsGate, Depends(_gate)]
