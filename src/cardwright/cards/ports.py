"""What the cards slice needs of an issuer-processor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlencode

from cardwright.cards.domain import CardState, MirroredLimit, ReplacementReason, Window
from cardwright.core.errors import Invalid
from cardwright.core.sensitive import Sensitive

DEFAULT_PROCESSOR: Final = "stripe"


@dataclass(frozen=True, slots=True)
class TestShop:
    """The address of the page where cards of a demo are tried at made-up merchants; None in earnest."""

    __test__ = False

    url: str | None

    def address_for(self, processor_reference: str | None) -> str | None:
        """Return the address of the page with a card at hand.

        >>> TestShop("http://127.0.0.1:4020/pay").address_for("ic_1")
        'http://127.0.0.1:4020/pay?card=ic_1'
        """
        if self.url is None or processor_reference is None:
            return None
        return f"{self.url}?{urlencode({'card': processor_reference})}"


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
class Replaced:
    """The card that a new one takes the place of, as the processor knows it."""

    reference: str
    reason: ReplacementReason


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """What the processor answered: its reference and the parts of the card that may be shown.

    `number` only where the processor keeps none for us: it must go to the vault and nowhere else.
    """

    reference: str
    last4: str
    exp_month: int
    exp_year: int
    bin: str | None = None
    number: Sensitive | None = None


@dataclass(frozen=True, slots=True)
class ProcessorCard:
    """A card as the processor has it.

    `state` is None while the processor says something that we do not know: it is pending, and left alone.
    `limits` are sorted, and None where there are limits of a kind that we never set.
    """

    state: CardState | None
    limits: tuple[MirroredLimit, ...] | None


class HolderRefused(Exception):
    """The processor issues nothing to this person until something is settled there; `reason` is its word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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

    @property
    def windows(self) -> frozenset[Window]:
        """The windows in which the processor can limit what a card spends; none where it cannot."""
        ...

    async def register_holder(self, holder: Holder, *, key: str) -> str:
        """Make the person known and return the processor's reference of them."""
        ...

    async def issue_card(
        self,
        *,
        card_id: str,
        currency: str,
        holder_reference: str,
        key: str,
        replaces: Replaced | None = None,
    ) -> IssuedCard:
        """Issue an active virtual card; raise HolderRefused, after which another key is used.

        `replaces` lets the processor count its own limits over both cards; one that cannot ignores it.
        """
        ...

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Bring the card at the processor to our state."""
        ...

    async def set_limits(
        self, reference: str, limits: Sequence[MirroredLimit], *, currency: str, key: str
    ) -> None:
        """Replace all limits that the processor enforces for the card; none are left for an empty sequence.

        Only limits in `windows` are asked for. Calendar windows must be such that each overlaps at most two
        of anybody's local ones.
        """
        ...

    async def state_at_processor(self, reference: str) -> ProcessorCard:
        """Return the card as the processor has it now; one that it does not know has no state."""
        ...

    async def security_code(self, reference: str) -> Sensitive | None:
        """Return a card's security code to show it once; None where the processor itself shows its cards."""
        ...

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:
        """Return a key for the page that made the nonce; None where the processor shows no cards itself."""
        ...


@dataclass(frozen=True, slots=True)
class CardProcessors:
    """The processors that are set up, by the names that cards keep, and the one for new cards."""

    by_name: Mapping[str, CardProcessor]
    default: str = DEFAULT_PROCESSOR

    def of(self, name: str) -> CardProcessor:
        """Return a processor; raise Invalid when none of that name is set up."""
        processor = self.by_name.get(name)
        if processor is None:
            raise Invalid("processor_unknown", f"No card processor named {name[:40]!r} is set up.")
        return processor
