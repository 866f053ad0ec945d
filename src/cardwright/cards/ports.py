"""What the cards slice needs of an issuer-processor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cardwright.cards.domain import CardState
from cardwright.core.sensitive import Sensitive


@dataclass(frozen=True, slots=True)
class Holder:
    """The person a card is issued to, as the processor must know them."""

    user_id: str
    full_name: str
    email: str
    phone: str | None
    line1: str
    city: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """What the processor answered: its reference and the parts of the card that may be shown.

    `number` comes from processors that do not keep it for us: the vault keeps it then.
    """

    reference: str
    last4: str
    exp_month: int
    exp_year: int
    bin: str | None = None
    number: Sensitive | None = None


@dataclass(frozen=True, slots=True)
class EphemeralKey:
    """What lets one page show one card for a short time, without its number passing through here."""

    secret: Sensitive
    issuing_card: str
    expires_at: datetime


class CardProcessor(Protocol):
    """Issues cards. Every call may be repeated with the same key and then has no second effect.

    Raises Unavailable when the processor does not answer; the call is then repeated later.
    """

    async def register_holder(self, holder: Holder, *, key: str) -> str:
        """Make the person known and return the processor's reference of them."""
        ...

    async def issue_card(self, *, card_id: str, currency: str, holder_reference: str, key: str) -> IssuedCard:
        """Issue an active virtual card."""
        ...

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Bring the card at the processor to our state."""
        ...

    async def security_code(self, reference: str) -> Sensitive | None:
        """Return a card's security code to show it once; None where the processor itself shows its cards."""
        ...

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:
        """Return a key for the page that made the nonce; None where the processor shows no cards itself."""
        ...
