"""What the cards slice needs of an issuer-processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cardwright.cards.domain import CardState, MirroredLimit, ReplacementReason


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
    """What the processor answered: its reference and the parts of the card that may be shown."""

    reference: str
    last4: str
    exp_month: int
    exp_year: int


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


class CardProcessor(Protocol):
    """Issues cards. Every call may be repeated with the same key and then has no second effect.

    Raises Unavailable when the processor does not answer; the call is then repeated later.
    """

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

        Its windows must be of a calendar in which each overlaps at most two of anybody's local ones; a window
        that it does not have is left out, there and in `state_at_processor`'s answer to what is left.
        """
        ...

    async def state_at_processor(self, reference: str) -> ProcessorCard:
        """Return the card as the processor has it now; one that it does not know has no state."""
        ...
